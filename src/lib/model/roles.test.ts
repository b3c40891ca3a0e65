import { describe, expect, test } from 'vitest';
import { ROLES, atLeast, can, isRole, mayChangeRoom, type Act, type Role } from './roles.ts';

const TABLE: Record<Act, Role[]> = {
  read: ['owner', 'member', 'commenter', 'viewer'],
  chat: ['owner', 'member', 'commenter'],
  callGroups: ['owner', 'member'],
  editCards: ['owner', 'member'],
  createRoom: ['owner', 'member'],
  changeOwnRoom: ['owner', 'member'],
  manageRooms: ['owner'],
  deleteRoom: ['owner'],
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

  test('[W3] a room is changed by owners, and by the member who made it', () => {
    const [maker, other] = ['maker000000000000000', 'other000000000000000'];
    const may = (me: string) => ROLES.filter((role) => mayChangeRoom(role, me, { by: maker }));
    expect(may(maker)).toEqual(['owner', 'member']);
    expect(may(other)).toEqual(['owner']);
    expect(mayChangeRoom(null, maker, { by: maker })).toBe(false);
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
