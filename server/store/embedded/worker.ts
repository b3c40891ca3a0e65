import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { reached } from '../../milestones.ts';
import { DurableFS, fsyncPath, fsyncTree } from './fs.ts';
import { EmbeddedPostgres } from './pg.ts';
import { Session } from './session.ts';

/** What the thread is started with. */
export interface WorkerInput {
  /** The database's own directory. */
  directory: string;
  /** Where to make it, when it is not there. */
  nursery: string;
}

export type ToWorker =
  | { kind: 'connect'; connection: number }
  | { kind: 'data'; connection: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'disconnect'; connection: number }
  | { kind: 'close' };

export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'failed'; why: string }
  | { kind: 'full'; full: boolean }
  | { kind: 'data'; connection: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'end'; connection: number };

const durable = (directory: string) => new DurableFS(directory);

/** Tells why, and ends the thread: an engine that gave up is not asked again. */
function giveUp(why: string): never {
  parentPort?.postMessage({ kind: 'failed', why } satisfies FromWorker);
  process.exit(1);
}

/** Makes the database beside its place, and puts it there when every byte of it is on the disk. */
async function create(directory: string, nursery: string): Promise<void> {
  const engine = await EmbeddedPostgres.open(nursery, durable, giveUp);
  await engine.close();
  fsyncTree(nursery);
  reached('embedded:synced');
  renameSync(nursery, directory);
  fsyncPath(dirname(directory));
  reached('embedded:placed');
}

async function serve({ directory, nursery }: WorkerInput): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('This module runs in a worker thread only');
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => {
    port.postMessage(message, transfer);
  };
  let engine: EmbeddedPostgres;
  try {
    if (!existsSync(directory)) await create(directory, nursery);
    engine = await EmbeddedPostgres.open(directory, durable, giveUp);
  } catch (error) {
    post({ kind: 'failed', why: error instanceof Error ? error.message : String(error) });
    port.close();
    return;
  }
  const session = new Session({
    execute: (messages) => engine.execute(messages),
    send: (connection, answer) => {
      const bytes = answer.slice();
      post({ kind: 'data', connection, bytes }, [bytes.buffer]);
    },
    hangUp: (connection) => {
      post({ kind: 'end', connection });
    },
    begin: () => {
      engine.watchRoom((full) => {
        post({ kind: 'full', full });
      });
    },
    idle: () => {
      engine.tend();
    },
  });
  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'connect':
        return session.connect(message.connection);
      case 'data':
        return session.receive(message.connection, message.bytes);
      case 'disconnect':
        return session.disconnect(message.connection);
      case 'close':
        void engine.close().finally(() => {
          port.close();
        });
    }
  });
  post({ kind: 'ready' });
}

await serve(workerData as WorkerInput);
