/**
 * Who may do what by HTTP: for each route of the API the acts that can be done with it, each with the status that each
 * role gets.
 *
 * HOW TO ADD A ROUTE: put `'METHOD /path': [act, …]` into `ROWS`, under the name that the router has for it. An act is
 * `{ expected, path, body?, … }`; `expected` comes from one of the helpers (`reader(200)`: whoever may read the board
 * gets 200, outsiders 404, nobody 401) or is written out in the order of `ROLES`. Where a route does more than one
 * thing (one's own and another's, a room's and a task's), write an act for each and say `what`. `destroys` when others
 * could not stand on what is left. The matrix then proves by itself that a refusal changes nothing and tells nothing.
 */
import { newId } from '../../src/lib/model/ids.ts';
import { PASSWORD } from './harness.ts';
import { ROOM_MEMBER_ROWS } from './matrix-rows-private.ts';

/** `outside`: people of the instance without a role in the board, also who was removed, also its admin. */
export const ROLES = ['nobody', 'outside', 'viewer', 'commenter', 'member', 'owner'] as const;
export type RoleName = (typeof ROLES)[number];

/** What an act may name. Everything was made by owners. */
export interface World {
  board: string;
  room: string;
  /** A private room that another owner is in alone, its name, and a message in it. */
  hidden: string;
  hiddenName: string;
  secret: string;
  /** A private room of another owner with everybody of the board in it. */
  inner: string;
  /** By the one who asks where that one may make rooms; otherwise by an owner. */
  ownRoom: string;
  column: string;
  task: string;
  /** A message, and a comment, by the one who asks where that one may speak; otherwise by an owner. */
  own: string;
  ownComment: string;
  /** A message, and a comment, by another owner. */
  others: string;
  othersComment: string;
  invitation: string;
  code: string;
  /** Ids of people: the one who asks, the viewer, an owner, and somebody who is in no board of this world. */
  self: string;
  viewer: string;
  owner: string;
  guest: string;
  /** The id of the session that is asked with, where the act is `fresh`. */
  session: string;
  /** The session of somebody else. */
  foreignSession: string;
}

export interface Act {
  what?: string;
  /** Statuses in the order of ROLES. */
  expected: Statuses;
  path: (world: World) => string;
  body?: (world: World) => unknown;
  /** It changes what other cases stand on: each case gets a world of its own. */
  destroys?: true;
  /** It ends the session that asks: each case signs in anew. */
  fresh?: true;
  /** It ends the session that the person otherwise asks with. */
  endsOthers?: true;
  /** Whoever holds the code is shown the board’s title: that is what the code is for. */
  shows?: true;
  /** The asker says the name of a private room of others themselves, and is answered with it. */
  namesSecret?: true;
  /** It does not look at who asks, so a session that has ended is not refused. */
  blind?: true;
}

type Statuses = [number, number, number, number, number, number];

const anyone = (status: number): Statuses => [status, status, status, status, status, status];
const signedIn = (status: number): Statuses => [401, status, status, status, status, status];
const reader = (status: number): Statuses => [401, 404, status, status, status, status];
const speaker = (status: number): Statuses => [401, 404, 403, status, status, status];
const member = (status: number): Statuses => [401, 404, 403, 403, status, status];
const owner = (status: number): Statuses => [401, 404, 403, 403, 403, status];

const account = () => ({ username: `new${newId().slice(0, 12)}`, name: 'New Person', password: PASSWORD });

const pushTo = (endpoint: string) => ({ endpoint, keys: { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) } });

/** Every route of the API. One without a row fails the matrix's first test. */
export const ROWS: Record<string, Act[]> = {
  'POST /setup': [
    { expected: anyone(403), path: () => '/setup', body: () => ({ token: 'x', ...account() }), blind: true },
  ],
  'POST /session': [
    {
      what: 'as nobody known',
      expected: anyone(401),
      path: () => '/session',
      body: () => ({ username: newId(), password: PASSWORD }),
      blind: true,
    },
    {
      what: 'with a wrong password',
      expected: anyone(401),
      path: () => '/session',
      body: () => ({ username: 'olga', password: 'wrong password' }),
      blind: true,
    },
  ],
  'DELETE /session': [{ expected: anyone(204), path: () => '/session', destroys: true, fresh: true, blind: true }],
  'GET /sessions': [{ expected: signedIn(200), path: () => '/sessions' }],
  'DELETE /sessions': [{ expected: signedIn(204), path: () => '/sessions', fresh: true, endsOthers: true }],
  'DELETE /sessions/:session': [
    { what: 'of nobody', expected: signedIn(404), path: () => `/sessions/${newId()}` },
    { what: 'of somebody else', expected: signedIn(404), path: ({ foreignSession }) => `/sessions/${foreignSession}` },
    { what: 'one’s own', expected: signedIn(204), path: ({ session }) => `/sessions/${session}`, fresh: true },
  ],
  'GET /push/key': [{ expected: signedIn(200), path: () => '/push/key' }],
  'POST /push/subscriptions': [
    { expected: signedIn(204), path: () => '/push/subscriptions', body: () => pushTo('https://push.example.org/a') },
    {
      what: 'at this machine',
      expected: signedIn(400),
      path: () => '/push/subscriptions',
      body: () => pushTo('https://127.0.0.1/a'),
    },
  ],
  'DELETE /push/subscriptions': [{ expected: signedIn(204), path: () => '/push/subscriptions' }],
  'GET /me': [{ expected: signedIn(200), path: () => '/me' }],
  'PATCH /me': [
    { what: 'the name', expected: signedIn(200), path: () => '/me', body: () => ({ name: 'New Name' }) },
    {
      what: 'the password, without the old one',
      expected: signedIn(401),
      path: () => '/me',
      body: () => ({ password: { current: 'wrong password', new: 'another password' } }),
    },
  ],
  'GET /boards': [{ expected: signedIn(200), path: () => '/boards' }],
  'POST /boards': [{ expected: signedIn(201), path: () => '/boards', body: () => ({ title: 'Own' }) }],
  'GET /boards/:board': [{ expected: reader(200), path: ({ board }) => `/boards/${board}` }],
  'PATCH /boards/:board': [
    {
      expected: owner(200),
      path: ({ board }) => `/boards/${board}`,
      body: () => ({ title: 'Renamed' }),
      destroys: true,
    },
  ],
  'DELETE /boards/:board': [{ expected: owner(204), path: ({ board }) => `/boards/${board}`, destroys: true }],
  'GET /boards/:board/members': [{ expected: reader(200), path: ({ board }) => `/boards/${board}/members` }],
  'PUT /boards/:board/members/:user': [
    {
      what: 'the same role again',
      expected: owner(200),
      path: ({ board, viewer }) => `/boards/${board}/members/${viewer}`,
      body: () => ({ role: 'viewer' }),
    },
    {
      what: 'another role',
      expected: owner(200),
      path: ({ board, viewer }) => `/boards/${board}/members/${viewer}`,
      body: () => ({ role: 'member' }),
      destroys: true,
    },
    {
      what: 'oneself, to owner',
      expected: owner(200),
      path: ({ board, self }) => `/boards/${board}/members/${self}`,
      body: () => ({ role: 'owner' }),
    },
    {
      what: 'an owner, to viewer',
      expected: owner(200),
      path: ({ board, owner }) => `/boards/${board}/members/${owner}`,
      body: () => ({ role: 'viewer' }),
      destroys: true,
    },
    {
      what: 'somebody from outside',
      expected: owner(200),
      path: ({ board, guest }) => `/boards/${board}/members/${guest}`,
      body: () => ({ role: 'owner' }),
      destroys: true,
    },
  ],
  'DELETE /boards/:board/members/:user': [
    {
      what: 'the viewer',
      expected: [401, 404, 204, 403, 403, 204],
      path: ({ board, viewer }) => `/boards/${board}/members/${viewer}`,
      destroys: true,
    },
    {
      what: 'an owner',
      expected: owner(204),
      path: ({ board, owner }) => `/boards/${board}/members/${owner}`,
      destroys: true,
    },
    {
      what: 'oneself',
      expected: [401, 404, 204, 204, 204, 204],
      path: ({ board, self }) => `/boards/${board}/members/${self}`,
      destroys: true,
    },
  ],
  'GET /boards/:board/invitations': [{ expected: owner(200), path: ({ board }) => `/boards/${board}/invitations` }],
  'POST /boards/:board/invitations': [
    { expected: owner(201), path: ({ board }) => `/boards/${board}/invitations`, body: () => ({ role: 'owner' }) },
  ],
  'DELETE /boards/:board/invitations/:invitation': [
    {
      expected: owner(204),
      path: ({ board, invitation }) => `/boards/${board}/invitations/${invitation}`,
      destroys: true,
    },
  ],
  'GET /invitations/:code': [
    { expected: anyone(200), path: ({ code }) => `/invitations/${code}`, shows: true, blind: true },
    {
      what: 'a code that was never given',
      expected: anyone(404),
      path: () => `/invitations/${'A'.repeat(43)}`,
      blind: true,
    },
  ],
  'POST /invitations/:code/accept': [
    {
      what: 'as oneself',
      expected: [401, 201, 201, 201, 201, 201],
      path: ({ code }) => `/invitations/${code}/accept`,
      body: () => ({}),
      destroys: true,
      shows: true,
    },
    {
      what: 'with a new account',
      expected: [201, 400, 400, 400, 400, 400],
      path: ({ code }) => `/invitations/${code}/accept`,
      body: account,
      shows: true,
      blind: true,
    },
    {
      what: 'with the name of somebody else',
      expected: [409, 400, 400, 400, 400, 400],
      path: ({ code }) => `/invitations/${code}/accept`,
      body: () => ({ ...account(), username: 'olga' }),
      blind: true,
    },
    {
      what: 'a code that was never given',
      expected: [401, 404, 404, 404, 404, 404],
      path: () => `/invitations/${'A'.repeat(43)}/accept`,
      body: () => ({}),
    },
  ],
  'GET /boards/:board/columns': [{ expected: reader(200), path: ({ board }) => `/boards/${board}/columns` }],
  'POST /boards/:board/columns': [
    { expected: member(201), path: ({ board }) => `/boards/${board}/columns`, body: () => ({ title: 'Doing' }) },
  ],
  'GET /boards/:board/rooms': [{ expected: reader(200), path: ({ board }) => `/boards/${board}/rooms` }],
  'POST /boards/:board/rooms': [
    { expected: member(201), path: ({ board }) => `/boards/${board}/rooms`, body: () => ({ name: `Room ${newId()}` }) },
  ],
  'GET /boards/:board/tasks': [{ expected: reader(200), path: ({ board }) => `/boards/${board}/tasks` }],
  'POST /boards/:board/tasks': [
    {
      expected: member(201),
      path: ({ board }) => `/boards/${board}/tasks`,
      body: ({ column }) => ({ column, title: 'A task' }),
    },
  ],
  ...ROOM_MEMBER_ROWS,
  'GET /rooms/:room': [{ expected: reader(200), path: ({ room }) => `/rooms/${room}` }],
  'PATCH /rooms/:room': [
    {
      what: 'a private one that one is not in',
      expected: [401, 404, 404, 404, 404, 404],
      path: ({ hidden }) => `/rooms/${hidden}`,
      body: () => ({ archived: true }),
    },
    {
      what: 'of somebody else',
      expected: owner(200),
      path: ({ room }) => `/rooms/${room}`,
      body: () => ({ name: `Room ${newId()}`, description: 'What for' }),
      destroys: true,
    },
    {
      what: 'archived',
      expected: owner(200),
      path: ({ room }) => `/rooms/${room}`,
      body: () => ({ archived: true }),
      destroys: true,
    },
    {
      what: 'one’s own',
      expected: member(200),
      path: ({ ownRoom }) => `/rooms/${ownRoom}`,
      body: () => ({ description: newId() }),
    },
  ],
  'DELETE /rooms/:room': [
    {
      what: 'a private one that one is not in',
      expected: [401, 404, 404, 404, 404, 404],
      path: ({ hidden }) => `/rooms/${hidden}`,
    },
    { expected: owner(204), path: ({ room }) => `/rooms/${room}`, destroys: true },
    {
      what: 'one’s own',
      expected: owner(204),
      path: ({ ownRoom }) => `/rooms/${ownRoom}`,
      destroys: true,
    },
  ],
  'GET /rooms/:room/messages': [{ expected: reader(200), path: ({ room }) => `/rooms/${room}/messages` }],
  'POST /rooms/:room/messages': [
    {
      what: 'words',
      expected: speaker(201),
      path: ({ room }) => `/rooms/${room}/messages`,
      body: () => ({ text: 'hello' }),
    },
    {
      what: 'an answer that mentions',
      expected: speaker(201),
      path: ({ room }) => `/rooms/${room}/messages`,
      body: ({ others }) => ({ text: 'hello @otto', replyTo: others }),
    },
  ],
  'GET /tasks/:task': [{ expected: reader(200), path: ({ task }) => `/tasks/${task}` }],
  'PATCH /tasks/:task': [
    {
      what: 'its title',
      expected: member(200),
      path: ({ task }) => `/tasks/${task}`,
      body: () => ({ title: 'Another title' }),
    },
    {
      what: 'its people, place and archive',
      expected: member(200),
      path: ({ task }) => `/tasks/${task}`,
      body: ({ viewer, column }) => ({ assignees: [viewer], column, before: null, archived: false }),
    },
  ],
  'DELETE /tasks/:task': [{ expected: member(204), path: ({ task }) => `/tasks/${task}`, destroys: true }],
  'GET /tasks/:task/comments': [{ expected: reader(200), path: ({ task }) => `/tasks/${task}/comments` }],
  'POST /tasks/:task/comments': [
    { expected: speaker(201), path: ({ task }) => `/tasks/${task}/comments`, body: () => ({ text: 'a comment' }) },
  ],
  'GET /messages/:message': [
    { what: 'in a room', expected: reader(200), path: ({ others }) => `/messages/${others}` },
    { what: 'at a task', expected: reader(200), path: ({ othersComment }) => `/messages/${othersComment}` },
  ],
  'GET /messages/:message/edits': [
    { what: 'in a room', expected: reader(200), path: ({ others }) => `/messages/${others}/edits` },
    { what: 'at a task', expected: reader(200), path: ({ othersComment }) => `/messages/${othersComment}/edits` },
  ],
  'POST /messages/:message/restore': [
    {
      what: 'that nobody removed',
      expected: owner(422),
      path: ({ others }) => `/messages/${others}/restore`,
      body: () => ({}),
    },
  ],
  'PATCH /messages/:message': [
    {
      what: 'one’s own',
      expected: speaker(200),
      path: ({ own }) => `/messages/${own}`,
      body: () => ({ text: 'better words' }),
    },
    {
      what: 'one’s own comment',
      expected: speaker(200),
      path: ({ ownComment }) => `/messages/${ownComment}`,
      body: () => ({ text: 'better words' }),
    },
    {
      what: 'somebody else’s',
      expected: [401, 404, 403, 403, 403, 403],
      path: ({ others }) => `/messages/${others}`,
      body: () => ({ text: 'words in another’s mouth' }),
    },
  ],
  'DELETE /messages/:message': [
    { what: 'one’s own', expected: speaker(204), path: ({ own }) => `/messages/${own}`, destroys: true },
    { what: 'somebody else’s', expected: owner(204), path: ({ others }) => `/messages/${others}`, destroys: true },
    {
      what: 'somebody else’s comment',
      expected: owner(204),
      path: ({ othersComment }) => `/messages/${othersComment}`,
      destroys: true,
    },
  ],
  'GET /notifications': [{ expected: signedIn(200), path: () => '/notifications' }],
  'GET /notifications/count': [{ expected: signedIn(200), path: () => '/notifications/count' }],
  'POST /notifications/:notification/read': [{ expected: signedIn(404), path: () => '/notifications/999999/read' }],
  'POST /notifications/read': [
    { what: 'all', expected: signedIn(204), path: () => '/notifications/read', body: () => ({}) },
    {
      what: 'of a room',
      expected: reader(204),
      path: () => '/notifications/read',
      body: ({ room }) => ({ conversation: `room/${room}` }),
    },
    {
      what: 'of a task',
      expected: reader(204),
      path: () => '/notifications/read',
      body: ({ task }) => ({ conversation: `task/${task}` }),
    },
  ],
  'GET /heads': [{ expected: signedIn(200), path: () => '/heads' }],
  'GET /openapi.json': [{ expected: anyone(200), path: () => '/openapi.json', blind: true }],
};
