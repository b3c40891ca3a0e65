/**
 * Opens the data directory named on its command line and appends to one document for each of its writers, until it is
 * killed. Prints `open`, then a line for every append that was acknowledged. Ends with the reason when it may not open.
 */
import { createLog } from '../../server/log.ts';
import { openStore } from '../../server/store/store.ts';

const [dataDir = '', writers = '0'] = process.argv.slice(2);
try {
  const store = await openStore({ dataDir, log: createLog({ level: 'silent' }) });
  process.stdout.write('open\n');
  await Promise.all(
    Array.from({ length: Number(writers) }, async (_, w) => {
      for (;;) {
        const data = new Uint8Array(400).fill(w);
        const ids = await store.transaction((tx) =>
          store.documents.append(
            [1, 2, 3].map(() => ({ name: `board/writer${w}`, data, author: null })),
            tx,
          ),
        );
        process.stdout.write(`${w} ${ids.join(' ')}\n`);
      }
    }),
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
