import type { Transaction } from 'yjs';
import type { UserId } from '../model/ids.ts';
import type { Asides } from './aside-store.svelte.ts';
import type { Catalog, DocumentNote, DocumentRow } from './catalog.ts';
import type { Endpoint } from './endpoint.ts';
import type { StorageFaults } from './faults.svelte.ts';
import type { OpenDocument } from './open-document.svelte.ts';
import type { Outbox } from './outbox.svelte.ts';
import type { Slots } from './slots.ts';
import type { Socket } from './socket.svelte.ts';
import type { Tabs } from './tabs.ts';

/** The person signed in. */
export type Me = { id: UserId; seq: number; username: string; name: string; admin: boolean; session: string };

/** What an open document needs of the client that it belongs to. */
export interface Host {
  readonly me: Me;
  readonly endpoint: Endpoint;
  readonly catalog: Catalog;
  readonly tabs: Tabs;
  readonly outbox: Outbox;
  readonly asides: Asides;
  readonly faults: StorageFaults;
  readonly socket: Socket;
  readonly slots: Slots;
  /** Resolves when the catalog has been read, or cannot be. */
  readonly ready: Promise<void>;
  row(name: string): DocumentRow | undefined;
  rows(): DocumentRow[];
  /** Reads the catalog again, which other tabs write too. */
  refresh(): Promise<void>;
  note(name: string, change: DocumentNote): void;
  /** A copy of this lineage takes the place of the one before. The catalog learns of it with what is kept of that one. */
  began(name: string, lineage: string): void;
  /** The server says that nobody is signed in. */
  signedOut(): void;
  /** The server took the document's board, or the whole session, away. */
  revoked(open: OpenDocument): void;
  /** The server does not know the document, or does not let this person know of it. */
  absent(open: OpenDocument): void;
  /** Whether something under way here may make this document known to the server yet. */
  mayAppear(open: OpenDocument): boolean;
  /** Boards on this device that the server, by way of the inbox, does not list. */
  unlisted(): string[];
  /** Something came from the server: what it changed, or the word that all is here. */
  heard(open: OpenDocument, change?: Transaction): void;
  /** The server has everything of this document that waited. */
  confirmed(open: OpenDocument): void;
  /** This person changed something. */
  changed(): void;
  /** Whether a database that somebody deleted may be made anew: not when this person has signed out. */
  mayRemake(): boolean;
}
