import { describe, expect, test } from 'vitest';
import { ROLES, atLeast, can, isRole, type Act, type Role } from './roles.ts';

const TABLE: Record<Act, Role[]> = {
  read: ['owner', 'member', 'commenter', 'viewer'],
  chat: ['owner', 'member', 'commenter'],
  editCards: ['owner', 'member'],
  createRoom: ['owner', 'member'],
  manageRooms: ['owner'],
  manageMembers: ['owner'],
  renameBoard: ['owner'],
  moderate: ['owner'],
  deleteBoard: ['owner'],
};
const ACTS = Object.keys(TABLE) as Act[];

describe('who may what', () => {
  test.each(ACTS)('[W1] %s', (act) => {
    expect(ROLES.filter((role) => can(role, act))).toEqual(TABLE[act]);
  });

  test('[W2] without a role, nothing', () => {
    expect(ACTS.some((act) => can(null, act))).toBe(false);
  });

  test('[W1] a role includes those below it', () => {
    expect(atLeast('owner', 'viewer')).toBe(true);
    expect(atLeast('member', 'member')).toBe(true);
    expect(atLeast('viewer', 'commenter')).toBe(false);
  });

  test.each(['Owner', 'admin', '', '__proto__', 'toString', null, 0])('[W2] %j is no role', (value) => {
    expect(isRole(value)).toBe(false);
  });
});
