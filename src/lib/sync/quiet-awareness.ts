import { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import type { PresenceWord } from '../model/presence.ts';

/**
 * Awareness without a clock. The stock one says every fifteen seconds that it is still there, to everyone, and forgets
 * those who do not; here the server knows whose socket lives, and tells when somebody leaves.
 */
export class QuietAwareness extends Awareness {
  constructor(doc: Y.Doc) {
    super(doc);
    clearInterval(this._checkInterval as ReturnType<typeof setInterval>);
    // Presence is published by those who look or type: a state for every open document costs everyone.
    this.states.delete(this.clientID);
    this.on('update', ({ removed }: { removed: number[] }) => {
      for (const client of removed) if (client !== this.clientID) this.meta.delete(client);
      // The end of an older connection has taken this one's word with it: it is said once more.
      const word = this.getLocalState();
      if (word !== null && removed.includes(this.clientID)) queueMicrotask(() => this.say(word));
    });
  }

  /** Says this of oneself, to the server and by it to the others. */
  say(word: PresenceWord): void {
    this.setLocalState(word);
  }

  /** The socket is gone: nothing is known of others, and what was said of oneself is over. Tells nobody. */
  forget(): void {
    this.states.clear();
    for (const client of [...this.meta.keys()]) if (client !== this.clientID) this.meta.delete(client);
  }
}
