import { cleanJson, cleanText } from '../../../server/store/database.ts';
import { LEASES_APART_MS, LONGEST_WAIT_MS, type NewJob } from '../../../server/store/jobs.ts';
import type { Store } from '../../../server/store/store.ts';
import type { Connection } from './connection.ts';
import type { JobRow, View } from './data.ts';

export function jobsIn(db: Connection): Store['jobs'] {
  return {
    enqueue: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      return db.write(tx, (view) => {
        for (const row of rows) enqueueOne(view, row);
      });
    },

    claim: (kinds, limit, leaseMs, tx) =>
      db.write(tx, ({ jobs }) => {
        const now = db.steps.now();
        const all = jobs.all();
        const leased = new Set(all.filter((row) => row.leasedUntil !== null).map(({ kind, key }) => `${kind}/${key}`));
        return all
          .filter((row) => {
            const waits = row.runAt > now && row.runAt <= now + LONGEST_WAIT_MS;
            if (!kinds.includes(row.kind) || waits) return false;
            if (row.leasedUntil === null) return !leased.has(`${row.kind}/${row.key}`);
            return row.leasedUntil < now || row.leasedUntil > now + leaseMs + LEASES_APART_MS;
          })
          .sort((a, b) => a.runAt - b.runAt || a.id - b.id)
          .slice(0, limit)
          .map(({ id, kind, key, payload, attempts }) => {
            jobs.update(String(id), { attempts: attempts + 1, leasedUntil: now + leaseMs });
            return { id, kind, key, payload, attempts: attempts + 1 };
          });
      }),

    done: (id, tx) =>
      db.write(tx, ({ jobs }) => {
        jobs.delete(String(id));
      }),

    retry: (id, _error, afterMs, tx) =>
      db.write(tx, ({ jobs }) => {
        const job = jobs.get(String(id));
        if (job === undefined) return;
        jobs.delete(String(id));
        const waiting = waitingFor(jobs.all(), job.kind, job.key, id);
        if (waiting !== undefined) jobs.update(String(waiting.id), { attempts: job.attempts });
        else add({ ...job, runAt: db.steps.now() + afterMs, leasedUntil: null }, jobs);
      }),

    nextAt: (kinds, tx) =>
      db.read(tx, ({ jobs }) => {
        const times = jobs
          .where((row) => kinds.includes(row.kind))
          .map(({ runAt, leasedUntil }) => Math.max(runAt, leasedUntil ?? 0));
        return times.length === 0 ? null : Math.min(...times);
      }),
  };

  function enqueueOne({ jobs }: View, { kind, key: rawKey, payload, runAt }: NewJob): void {
    const key = cleanText(rawKey);
    const value = JSON.parse(cleanJson(payload)) as unknown;
    const at = runAt ?? db.steps.now();
    const waiting = waitingFor(jobs.all(), kind, key);
    if (waiting === undefined) add({ kind, key, payload: value, runAt: at, attempts: 0, leasedUntil: null }, jobs);
    else jobs.update(String(waiting.id), { payload: value, runAt: Math.min(waiting.runAt, at) });
  }

  function add(row: Omit<JobRow, 'id'>, jobs: View['jobs']): void {
    const id = db.data.nextId();
    jobs.set(String(id), { ...row, id });
  }
}

function waitingFor(rows: readonly JobRow[], kind: string, key: string, but?: number): JobRow | undefined {
  return rows.find((row) => row.kind === kind && row.key === key && row.leasedUntil === null && row.id !== but);
}
