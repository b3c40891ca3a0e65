import { describe, expect } from 'vitest';
import { CALLS_PER_MINUTE } from '../../src/lib/model/group-calls.ts';
import type { Role } from '../../src/lib/model/roles.ts';
import type { Person } from '../harness/people.ts';
import { Arena } from './harness.ts';
import { api, made } from './http-requests.ts';

/** Nobody can make everybody listen: groups are called by who may, and not without end. */
const arena = new Arena();

type Notification = { kind: string; excerpt: string; message: string };
/** A board of its own, whose people are told without others noticing: its owner, who writes, and who listens. */
type Ground = { owner: Person; writer: Person; person: Person; room: string };

async function ground(role: Role = 'member'): Promise<Ground> {
  const [owner, writer, person] = [await arena.newcomer(), await arena.newcomer(), await arena.newcomer()];
  const { id: board } = await made<{ id: string }>(arena, owner, 'POST', '/boards', { title: 'Ground' });
  const { id: room } = await made<{ id: string }>(arena, owner, 'POST', `/boards/${board}/rooms`, { name: 'Hall' });
  await made(arena, owner, 'PUT', `/boards/${board}/members/${writer.id}`, { role });
  await made(arena, owner, 'PUT', `/boards/${board}/members/${person.id}`, { role: 'member' });
  return { owner, writer, person, room };
}

async function say(writer: Person, room: string, text: string): Promise<string> {
  return (await made<{ id: string }>(arena, writer, 'POST', `/rooms/${room}/messages`, { text })).id;
}

async function notifications(person: Person): Promise<Notification[]> {
  return (await made<{ items: Notification[] }>(arena, person, 'GET', '/notifications?limit=200')).items;
}

/** What this person has been told, once an honest mention that comes last is among it. */
async function told({ owner, person, room }: Ground): Promise<Notification[]> {
  const last = `the last one ${Math.random()}`;
  await say(owner, room, `@${person.username} ${last}`);
  await expect
    .poll(async () => (await notifications(person)).some(({ excerpt }) => excerpt.includes(last)), { timeout: 30_000 })
    .toBe(true);
  return (await notifications(person)).filter(({ excerpt }) => !excerpt.includes('the last one'));
}

const GROUPS = '<@!room> <@!here> <@!board>';

describe('calling everybody', () => {
  arena.attack('by a commenter tells nobody', async () => {
    const on = await ground('commenter');
    await say(on.writer, on.room, `${GROUPS} @room @here @board`);
    expect(await told(on)).toEqual([]);
  });

  arena.attack('by a viewer is refused', async () => {
    const on = await ground('viewer');
    const answer = await api(arena, on.writer, 'POST', `/rooms/${on.room}/messages`, { text: GROUPS });
    expect(answer.status).toBe(403);
    expect(await told(on)).toEqual([]);
  });

  arena.attack('a thousand times in one text is one call, and tells each once', async () => {
    const on = await ground();
    await say(on.writer, on.room, '<@!room>'.repeat(1_000));
    expect(await told(on)).toMatchObject([{ kind: 'group' }]);
    // The writer has calls left.
    await say(on.writer, on.room, '@board once more');
    expect(await told(on)).toHaveLength(2);
  });

  arena.attack('as a flood ends after some calls', async () => {
    const on = await ground();
    for (let i = 0; i < 3 * CALLS_PER_MINUTE; i++) await say(on.writer, on.room, `@room @here flood ${i}`);
    expect(await told(on)).toHaveLength(CALLS_PER_MINUTE);
    expect(await notifications(on.writer)).toEqual([]);
  });

  arena.attack('as a flood by edits of one message ends after some calls', async () => {
    const on = await ground();
    const message = await say(on.writer, on.room, '@room');
    for (let i = 0; i < 2 * CALLS_PER_MINUTE; i++) {
      for (const text of [`nobody ${i}`, `@room ${i}`]) {
        const answer = await api(arena, on.writer, 'PATCH', `/messages/${message}`, { text });
        expect(answer.status, answer.text).toBe(200);
      }
    }
    expect(await told(on)).toEqual([]);
  });

  arena.attack('by what is no group tells nobody', async () => {
    const on = await ground();
    const forged = ['everyone', 'ROOM', ' room', '!room', 'constructor', '__proto__', 'room\u200b'];
    for (const name of forged) await say(on.writer, on.room, `look <@!${name}> <@!${name}`);
    expect(await told(on)).toEqual([]);
  });

  arena.attack('reaches nobody outside of the board', async ({ people }) => {
    const before = (await notifications(people.otto)).length;
    const on = await ground();
    const stranger = await arena.newcomer();
    await say(on.writer, on.room, `${GROUPS} <@${stranger.id}>`);
    expect(await told(on)).toHaveLength(1);
    expect(await notifications(stranger)).toEqual([]);
    expect(await notifications(people.otto)).toHaveLength(before);
  });
});
