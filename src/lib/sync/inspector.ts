import { current } from './current.svelte.ts';

export type Inspection = {
  connection: string;
  tab: string;
  waiting: number;
  queued: number;
  documents: {
    name: string;
    local: string;
    remote: string;
    saved: boolean;
    sent: boolean;
    onDevice: boolean;
    holders: number;
    clients: number;
  }[];
  catalog: { name: string; rev: number; onDevice: boolean; bytes: number; lastOpened: number; pending: number }[];
};

/** What this tab is doing, as plain data, for a page that shows it. Null when nobody is signed in. */
export function inspect(): Inspection | null {
  const client = current.client;
  if (client === null) return null;
  return {
    connection: client.socket.state.kind,
    tab: client.tabs.id,
    waiting: client.outbox.waiting,
    queued: client.slots.waiting,
    documents: client.documents.all().map((open) => ({
      name: open.name,
      local: open.local.kind === 'failed' ? `failed: ${open.local.reason}` : open.local.kind,
      remote: open.remote.kind === 'refused' ? `refused: ${open.remote.reason}` : open.remote.kind,
      saved: open.saved,
      sent: open.sent,
      onDevice: open.onDevice,
      holders: client.documents.holders(open.name),
      clients: open.doc.store.clients.size,
    })),
    catalog: client.rows().map(({ name, rev, onDevice, bytes, lastOpened }) => ({
      name,
      rev,
      onDevice,
      bytes,
      lastOpened,
      pending: client.outbox.of(name),
    })),
  };
}
