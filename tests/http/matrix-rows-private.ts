/**
 * Who may do what with private rooms. The world has two: in `hidden` there is one owner alone, so that for everybody
 * else of the board it is as if it were not there, whatever their role; in `inner` there is somebody of each role.
 */
import { newId } from '../../src/lib/model/ids.ts';
import type { Act } from './matrix-rows.ts';

type Statuses = Act['expected'];

const unseen: Statuses = [401, 404, 404, 404, 404, 404];
const inside = (status: number): Statuses => [401, 404, status, status, status, status];
const member = (status: number): Statuses => [401, 404, 403, 403, status, status];
const owner = (status: number): Statuses => [401, 404, 403, 403, 403, status];

/** Rows of routes that are about the people of a room. */
export const ROOM_MEMBER_ROWS: Record<string, Act[]> = {
  'GET /rooms/:room/members': [
    { what: 'of a public room', expected: inside(200), path: ({ room }) => `/rooms/${room}/members` },
    { what: 'of a private room that one is in', expected: inside(200), path: ({ inner }) => `/rooms/${inner}/members` },
    { what: 'of a private room of others', expected: unseen, path: ({ hidden }) => `/rooms/${hidden}/members` },
  ],
  'PUT /rooms/:room/members/:user': [
    {
      what: 'lets somebody in',
      expected: member(200),
      path: ({ inner, viewer }) => `/rooms/${inner}/members/${viewer}`,
    },
    {
      what: 'lets in who is not in the board',
      expected: member(404),
      path: ({ inner, guest }) => `/rooms/${inner}/members/${guest}`,
    },
    {
      what: 'into a public room',
      expected: member(422),
      path: ({ room, viewer }) => `/rooms/${room}/members/${viewer}`,
    },
    {
      what: 'oneself, into a private room of others',
      expected: unseen,
      path: ({ hidden, self }) => `/rooms/${hidden}/members/${self}`,
    },
  ],
  'DELETE /rooms/:room/members/:user': [
    {
      what: 'leaves',
      expected: inside(204),
      path: ({ inner, self }) => `/rooms/${inner}/members/${self}`,
      destroys: true,
    },
    {
      what: 'takes somebody out',
      expected: owner(204),
      path: ({ inner, owner }) => `/rooms/${inner}/members/${owner}`,
      destroys: true,
    },
    {
      what: 'from a private room of others',
      expected: unseen,
      path: ({ hidden, owner }) => `/rooms/${hidden}/members/${owner}`,
    },
    {
      what: 'who is not in it',
      expected: owner(404),
      path: ({ inner, guest }) => `/rooms/${inner}/members/${guest}`,
    },
    { what: 'from a public room', expected: owner(422), path: ({ room, owner }) => `/rooms/${room}/members/${owner}` },
  ],
};

/** What other routes do with a private room of others: nothing, and they say so as of what is not there. */
export const HIDDEN_ROWS: Record<string, Act[]> = {
  'GET /rooms/:room': [{ expected: unseen, path: ({ hidden }) => `/rooms/${hidden}` }],
  'GET /rooms/:room/messages': [{ expected: unseen, path: ({ hidden }) => `/rooms/${hidden}/messages` }],
  'POST /rooms/:room/messages': [
    { expected: unseen, path: ({ hidden }) => `/rooms/${hidden}/messages`, body: () => ({ text: 'hello' }) },
  ],
  'GET /messages/:message': [{ expected: unseen, path: ({ secret }) => `/messages/${secret}` }],
  'PATCH /messages/:message': [
    { expected: unseen, path: ({ secret }) => `/messages/${secret}`, body: () => ({ text: 'other words' }) },
  ],
  'DELETE /messages/:message': [{ expected: unseen, path: ({ secret }) => `/messages/${secret}` }],
  'POST /notifications/read': [
    { expected: unseen, path: () => '/notifications/read', body: ({ hidden }) => ({ conversation: `room/${hidden}` }) },
  ],
  // Of this name there is a private room: who does not see it hears nothing of it.
  'POST /boards/:board/rooms': [
    {
      expected: member(201),
      path: ({ board }) => `/boards/${board}/rooms`,
      body: ({ hiddenName }) => ({ name: `${hiddenName} `, private: true }),
      destroys: true,
      namesSecret: true,
    },
  ],
  'GET /boards/:board/rooms': [{ expected: inside(200), path: ({ board }) => `/boards/${board}/rooms?limit=200` }],
  'GET /heads': [
    {
      expected: [401, 200, 200, 200, 200, 200],
      path: ({ hidden }) => `/heads?of=room/${hidden}/1,room/${newId()}/1`,
    },
  ],
};
