import type { Services } from './route.ts';

interface Metric {
  name: string;
  type: 'gauge' | 'counter';
  help: string;
  value: number;
}

/** Prometheus text. Counts only: nothing in it tells who or what. */
export function metricsText(services: Services | null): string {
  const metrics: Metric[] = [
    { name: 'taskflow_ready', type: 'gauge', help: 'Whether the database is open.', value: services ? 1 : 0 },
    {
      name: 'process_resident_memory_bytes',
      type: 'gauge',
      help: 'Resident memory.',
      value: process.memoryUsage.rss(),
    },
    { name: 'process_uptime_seconds', type: 'gauge', help: 'Age of the process.', value: process.uptime() },
    ...(services ? syncMetrics(services) : []),
  ];
  return metrics
    .map(({ name, type, help, value }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`)
    .join('');
}

function syncMetrics({ sync }: Services): Metric[] {
  const stats = sync.stats();
  const gauge = (name: string, help: string, value: number): Metric => ({ name, type: 'gauge', help, value });
  const counter = (name: string, help: string, value: number): Metric => ({ name, type: 'counter', help, value });
  return [
    gauge('taskflow_sockets', 'Open WebSockets.', stats.sockets),
    gauge('taskflow_connections', 'Documents open on sockets.', stats.connections),
    gauge('taskflow_documents', 'Documents in memory.', stats.documents),
    gauge('taskflow_updates_waiting', 'Updates waiting for the log.', stats.waiting),
    counter('taskflow_updates_accepted_total', 'Updates accepted.', stats.accepted),
    counter('taskflow_updates_refused_total', 'Updates refused by the gate.', stats.refused),
    counter(
      'taskflow_updates_deferred_total',
      'Updates deferred because something before them is missing.',
      stats.deferred,
    ),
    counter('taskflow_commits_total', 'Transactions of the log.', stats.commits),
  ];
}
