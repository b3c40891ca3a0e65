import { Peer } from './peer.ts';
import type { Person } from './world.ts';

/** A client in a process of its own, which says that it is here and stays. */
process.once('message', (task) => {
  const { url, person, room } = task as { url: string; person: Person; room: string };
  const peer = new Peer(url, person.token, person, room);
  void peer.connect().then(() => peer.sendAwareness([[peer.doc.clientID, {}]]));
});
