import { sessions } from '$lib/api/account.ts';
import type { Refusal, Session } from '$lib/api/client.ts';

export type SessionsState =
  { kind: 'loading' } | { kind: 'listed'; sessions: Session[] } | { kind: 'refused'; error: Refusal };

/** What may be ended: one session, or all but this one. */
export type Ending = { kind: 'one'; session: Session } | { kind: 'others'; count: number };

/** How many are shown; nobody signs in so often within a month by hand. */
const SHOWN = 200;

/** Where this person is signed in, as the server knows it. Nothing of it is kept on the device. */
export class Sessions {
  #state = $state.raw<SessionsState>({ kind: 'loading' });

  get state(): SessionsState {
    return this.#state;
  }

  /** Reads the list afresh; what was shown stays until the answer is there. */
  async load(): Promise<void> {
    const answer = await sessions.list({ limit: SHOWN });
    if (answer.ok) this.#state = { kind: 'listed', sessions: thisFirst(answer.value.items) };
    else if (this.#state.kind !== 'listed') this.#state = { kind: 'refused', error: answer.error };
  }

  /** Null when it is done, also where somebody else was faster; otherwise why not. */
  async end(ending: Ending): Promise<Refusal | null> {
    const answer = await (ending.kind === 'one' ? sessions.end(ending.session.id) : sessions.endOthers());
    if (!answer.ok && answer.error.code !== 'not-found') return answer.error;
    if (this.#state.kind === 'listed') {
      const stays = (one: Session) => (ending.kind === 'one' ? one.id !== ending.session.id : one.current);
      this.#state = { kind: 'listed', sessions: this.#state.sessions.filter(stays) };
    }
    await this.load();
    return null;
  }
}

/** Then the one used last. */
function thisFirst(sessions: Session[]): Session[] {
  return sessions.toSorted((a, b) => Number(b.current) - Number(a.current) || (a.usedAt < b.usedAt ? 1 : -1));
}
