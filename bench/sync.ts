/**
 * How many messages a second the corridor takes in: `node bench/sync.ts [embedded|postgres] [people] [rooms]`.
 * Each of 50 people waits for the acknowledgement of a message before sending the next one, in 10 rooms, for 10 s; the
 * clients are a process of their own. The same work per update in both: judged, numbered, stored in a group commit
 * with fsync, applied, acknowledged, sent to the five people of the room.
 *
 * Measured on two cores that others were using as well (load 5): Postgres 15 1,349 updates/s, acknowledged in p50 29 ms,
 * p99 149 ms, 0.28 ms of the server's processor each; embedded 1,338, 30, 132 and 0.48 ms (its thread included). Half of
 * those who write share each commit.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sendMessage } from '../src/lib/model/conversation.ts';
import { Peer } from '../tests/sync/peer.ts';
import { World, type Person } from '../tests/sync/world.ts';

const SECONDS = 10;
type Task = { url: string; people: { person: Person; name: string }[] };

if (process.send === undefined) await serve();
else process.once('message', (task) => void write(task as Task));

async function serve(): Promise<void> {
  const [engine = 'embedded', people = '50', rooms = '10'] = process.argv.slice(2);
  if (engine !== 'embedded' && engine !== 'postgres') throw new Error(`there is no engine ${engine}`);
  // Nobody follows a conversation into its next volume here.
  const volume = { entries: Infinity, clients: Infinity, bytes: Infinity };
  const world = await World.open({ volume, rate: { burst: 1e12, perSecond: 1e12 } }, engine);
  const writers = await Promise.all(Array.from({ length: Number(people) }, () => world.person()));
  const [owner, ...others] = writers;
  if (owner === undefined) throw new Error('nobody writes');
  const board = await world.board(owner, others);
  const names = await Promise.all(Array.from({ length: Number(rooms) }, () => world.room(board, owner)));
  const task: Task = {
    url: world.url,
    people: writers.map((person, i) => ({ person, name: `room/${names[i % names.length]}/1` })),
  };
  const clients = fork(fileURLToPath(import.meta.url), { stdio: 'inherit' });
  const before = process.cpuUsage();
  const commits = world.sync.stats().commits;
  clients.send(task);
  const waits = await new Promise<number[]>((resolve) => clients.once('message', (list) => resolve(list as number[])));
  const { user, system } = process.cpuUsage(before);
  waits.sort((a, b) => a - b);
  const at = (share: number): string => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(1);
  const rate = Math.round(waits.length / SECONDS);
  const grouped = (waits.length / (world.sync.stats().commits - commits)).toFixed(1);
  const cpu = ((user + system) / 1000 / waits.length).toFixed(2);
  console.log(
    `${engine}: ${people} people in ${rooms} rooms: ${rate} updates/s, acknowledged in p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
      `${grouped} per commit, ${cpu} ms of processor each`,
  );
  clients.kill();
  await world.close();
}

async function write({ url, people }: Task): Promise<void> {
  const peers = await Promise.all(
    people.map(({ person, name }) => new Peer(url, person.token, person, name).connect()),
  );
  await Promise.all(peers.map((peer) => peer.saved()));
  const waits: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  await Promise.all(
    peers.map(async (peer) => {
      for (let i = 0; performance.now() < end; i++) {
        const began = performance.now();
        sendMessage(peer.doc, peer.who.id, { text: `message ${i}, of about the length that people write in a chat` });
        await peer.saved();
        waits.push(performance.now() - began);
      }
    }),
  );
  process.send?.(waits);
}
