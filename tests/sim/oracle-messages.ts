import { bodyAt, readVolume, type Message } from '../../src/lib/model/conversation.ts';
import { parseLogEntry } from '../../src/lib/model/message-slots.ts';
import { volumeDoc, type ConversationRef } from '../../src/lib/model/names.ts';
import { byOneTab, type Done, type Facts } from './facts.ts';

type Words = Done<'send' | 'edit' | 'delete'>;

/** Every message once, in one order, with its author's words. */
export function judgeMessages(facts: Facts): string[] {
  const sends = facts.did('send');
  const placed = new Map<string, number>();
  const problems: string[] = [];
  for (const ref of facts.conversations()) problems.push(...judgeConversation(ref, placed, facts));
  for (const entry of sends) {
    const { act, nth, fate, person } = entry;
    const seq = placed.get(`${act.ref}/${person}/${act.mid}`);
    const takenBack = facts.did('delete').some((one) => one.act.mid === act.mid);
    if (seq === undefined && facts.isCertain(entry) && !takenBack && !facts.isGone(act.ref)) {
      problems.push(`lost: #${nth} (${fate}) ${JSON.stringify(act)} in ${entry.doc}`);
    }
  }
  problems.push(...judgeOrder(sends, placed));
  return problems;
}

function judgeConversation(ref: ConversationRef, placed: Map<string, number>, facts: Facts): string[] {
  const problems: string[] = [];
  const row = facts.data.conversations.get(ref);
  const rows = facts.data.messages.where((message) => message.ref === ref);
  const logged = new Map<string, number>();
  const shown: Message[] = [];
  for (let volume = 1; volume <= (row?.head ?? 0); volume++) {
    const doc = facts.doc(volumeDoc(ref, volume));
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
      problems.push(`${ref}/${volume} lacks something that it builds on`);
    }
    doc.getMap('log').forEach((value, key) => {
      const entry = parseLogEntry(key, value);
      if (entry === null) return problems.push(`${ref}/${volume}: not a place: ${key} ${JSON.stringify(value)}`);
      if (logged.has(entry.slot))
        problems.push(`numbered twice: ${ref} ${entry.slot} ${logged.get(entry.slot)} ${key}`);
      logged.set(entry.slot, entry.seq);
      return 0;
    });
    shown.push(...readVolume(doc).messages);
  }
  const seqs = [...logged.values()].sort((a, b) => a - b);
  if (seqs.some((seq, i) => seq !== i + 1)) problems.push(`numbers of ${ref} are not 1 to n: ${seqs.join()}`);
  if (rows.length !== logged.size) problems.push(`${ref} has ${rows.length} rows and ${logged.size} places`);
  const seen = new Set<string>();
  let last = 0;
  for (const message of shown) {
    const { slot, seq } = message;
    if (seen.has(slot)) problems.push(`shown twice: ${ref} ${slot}`);
    seen.add(slot);
    if (seq === null) problems.push(`shown without a number: ${ref} ${slot}`);
    else if (seq <= last) problems.push(`out of order: ${ref} ${slot}`);
    last = seq ?? last;
    placed.set(`${ref}/${slot}`, seq ?? 0);
    problems.push(...judgeWords(ref, message, facts));
  }
  for (const slot of logged.keys()) if (!seen.has(slot)) problems.push(`numbered and not shown: ${ref} ${slot}`);
  return problems;
}

/** The words are its author's, and their last. */
function judgeWords(ref: ConversationRef, message: Message, facts: Facts): string[] {
  const { author, mid, body, removedBy } = message;
  if (author === facts.world.saboteur.id) return [];
  const words = facts
    .did('send', 'edit', 'delete')
    .filter(({ act, person }) => act.ref === ref && act.mid === mid && person === author);
  const sent = words.some(({ act }) => act.kind === 'send');
  if (!sent) return [`nobody sent ${ref} ${author}/${mid}`];
  const moderation = judgeModeration(ref, message, facts);
  if (removedBy !== null || moderation.length > 0) return moderation;
  const told = facts.data.messageEdits.where((row) => row.ref === ref && row.mid === mid && row.author === author);
  if (body.kind === 'tombstone' && told.length > 0)
    return [`deleted, and its history is there: ${ref} ${author}/${mid}`];
  for (const { text } of told) {
    if (words.some(({ act }) => act.kind !== 'delete' && act.text === text)) continue;
    return [`its author never said so before: ${ref} ${author}/${mid} ${JSON.stringify(text)}`];
  }
  const reactions = body.kind === 'tombstone' ? [] : judgeReactions(ref, message, facts);
  return [...judgeText(words, body, facts), ...reactions];
}

/**
 * Removed by whom someone removed it, and not when the last word was to take that back: unless its words were gone by then.
 */
function judgeModeration(ref: ConversationRef, { author, mid, slot, removedBy }: Message, facts: Facts): string[] {
  const acts = facts.did('moderate', 'restore').filter(({ act }) => act.ref === ref && act.mid === mid);
  const removals = acts.filter(({ act }) => act.kind === 'moderate');
  const last = acts.at(-1)?.act.kind;
  const decided = byOneTab(facts, acts);
  const say = (what: string): string[] => [`${what}: ${ref} ${author}/${mid}`];
  if (removedBy === null) {
    const lost = removals.some((one) => facts.isCertain(one)) && (acts.length === removals.length || decided);
    return lost && last === 'moderate' ? say('a removal was lost') : [];
  }
  if (!removals.some(({ person }) => person === removedBy)) return say(`${removedBy} did not remove`);
  const { head = 0 } = facts.data.conversations.get(ref) ?? {};
  const words = Array.from({ length: head }, (_, i) => bodyAt(facts.doc(volumeDoc(ref, i + 1)), slot));
  const stand = words.some((body) => body?.kind === 'message');
  return decided && last === 'restore' && stand ? say('a taking back was lost') : [];
}

function judgeText(words: Words[], body: Message['body'], facts: Facts): string[] {
  const last = words.at(-1)?.act;
  const say = (what: string): string[] => [`${what}: ${JSON.stringify(last)}, but ${JSON.stringify(body)}`];
  if (body.kind === 'tombstone') {
    if (!words.some(({ act }) => act.kind === 'delete')) return say('nobody deleted it');
    return byOneTab(facts, words) && last?.kind !== 'delete' ? say('deleted after all') : [];
  }
  const said = words.some(({ act }) => act.kind !== 'delete' && act.text === body.text);
  if (!said) return say('its author never said so');
  if (!byOneTab(facts, words)) return [];
  if (last?.kind === 'delete') return say('a deletion was lost');
  return last?.text === body.text ? [] : say('an edit was lost');
}

function judgeReactions(ref: ConversationRef, { mid, reactions }: Message, facts: Facts): string[] {
  const acts = facts.did('react').filter(({ act }) => act.ref === ref && act.mid === mid);
  const problems: string[] = [];
  for (const person of facts.world.people) {
    const mine = acts.filter((act) => act.person === person.id);
    const now = reactions.filter(({ by }) => by.includes(person.id)).map(({ emoji }) => emoji);
    if (now.length > 0 && !mine.some(({ act }) => act.emojis.join() === now.join())) {
      problems.push(`nobody reacted so: ${ref} ${mid} ${now.join()}`);
    }
    const last = mine.at(-1)?.act.emojis.join();
    if (mine.length > 0 && byOneTab(facts, mine) && last !== now.join()) {
      problems.push(`a reaction was lost: ${ref} ${mid} ${last} is ${now.join()}`);
    }
  }
  return problems;
}

/** What one person wrote into one volume is numbered as they wrote it, also across reloads of their device: S11. */
function judgeOrder(sends: Done<'send'>[], placed: Map<string, number>): string[] {
  const problems: string[] = [];
  const byDoc = Map.groupBy(sends, (entry) => `${entry.device} ${entry.doc}`);
  for (const entries of byDoc.values()) {
    const numbered = entries.flatMap((entry) => {
      const seq = placed.get(`${entry.act.ref}/${entry.person}/${entry.act.mid}`);
      return seq === undefined ? [] : [{ entry, seq }];
    });
    numbered.forEach(({ entry, seq }, i) => {
      for (const later of numbered.slice(i + 1)) {
        const after = later.entry.tab === entry.tab || later.entry.tab.bornAt > entry.tab.diedAt;
        if (after && later.seq < seq) {
          problems.push(`order: #${entry.nth} got ${seq}, #${later.entry.nth} got ${later.seq} in ${entry.doc}`);
        }
      }
    });
  }
  return problems;
}
