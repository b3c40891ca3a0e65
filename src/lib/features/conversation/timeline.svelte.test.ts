import { expect, test } from 'vitest';
import type { Message } from '../../model/conversation.ts';
import { Timeline } from './timeline.svelte.ts';
import type { VolumeLog } from './volume-log.svelte.ts';

const SIZE = 500;

function message(seq: number, pending = false): Message {
  return {
    slot: `anna/m${seq}`,
    author: 'anna',
    mid: `m${seq}`,
    body: { kind: 'message', text: `words ${seq}`, edited: false, replyTo: null, attachments: [], hint: null },
    seq: pending ? null : seq,
    time: pending ? null : seq,
    removedBy: null,
    reactions: [],
  };
}

/** A conversation of full volumes and a head, all on the device, that tells which volumes are open. */
class Chain {
  readonly open = new Map<number, FakeVolume>();
  readonly sizes: readonly number[];

  constructor(...sizes: number[]) {
    this.sizes = sizes;
  }

  readonly volume = (number: number): VolumeLog => {
    const first = this.sizes.slice(0, number - 1).reduce((sum, size) => sum + size, 0) + 1;
    const messages = Array.from({ length: this.sizes[number - 1] ?? 0 }, (_, index) => message(first + index));
    const volume = new FakeVolume(number, messages, () => this.open.delete(number));
    this.open.set(number, volume);
    return volume as unknown as VolumeLog;
  };
}

class FakeVolume {
  readonly number: number;
  messages: readonly Message[] = $state.raw([]);
  readonly next = null;
  readable = $state(true);
  readonly open = { local: { kind: 'ready', empty: false }, remote: { kind: 'synced' } };
  readonly release: () => void;

  constructor(number: number, messages: readonly Message[], release: () => void) {
    this.number = number;
    this.messages = messages;
    this.release = release;
  }

  say(...more: Message[]): void {
    this.messages = [...this.messages, ...more];
  }
}

const shown = (timeline: Timeline): [number | null, number | null, number] => [
  timeline.messages[0]?.seq ?? null,
  timeline.messages.at(-1)?.seq ?? null,
  timeline.messages.length,
];

test('it begins with the newest messages of the head volume', () => {
  const timeline = new Timeline(new Chain(SIZE, SIZE, 200).volume, 3, () => false);
  expect(shown(timeline)).toEqual([1141, 1200, 60]);
  expect(timeline.live).toBe(true);
});

test('going up it opens one older volume at a time, stays bounded, and lets go of what is far below', () => {
  const chain = new Chain(SIZE, SIZE, 200);
  const timeline = new Timeline(chain.volume, 3, () => false);
  for (let step = 0; step < 80; step += 1) {
    timeline.older();
    expect(timeline.messages.length).toBeLessThanOrEqual(300);
  }
  expect(shown(timeline)).toEqual([1, 300, 300]);
  expect(timeline.above.kind).toBe('beginning');
  expect(timeline.live).toBe(false);
  // The head stays open: new words go there.
  expect([...chain.open.keys()].sort()).toEqual([1, 3]);
});

test('so it does from a head that holds less than a page', () => {
  const chain = new Chain(SIZE, SIZE, 10);
  const timeline = new Timeline(chain.volume, 3, () => false);
  timeline.settle();
  for (let step = 0; step < 80; step += 1) {
    timeline.older();
    expect(timeline.messages.length).toBeLessThanOrEqual(300);
  }
  expect(shown(timeline)).toEqual([1, 300, 300]);
  expect([...chain.open.keys()].sort()).toEqual([1, 3]);
});

test('an empty head is left behind too: what lies before it can be visited, and read on the way down', () => {
  const chain = new Chain(SIZE, SIZE, SIZE, 0);
  const far = (): Timeline => {
    const timeline = new Timeline(chain.volume, 4, () => false);
    timeline.settle();
    for (let step = 0; step < 80; step += 1) timeline.older();
    expect(shown(timeline)).toEqual([1, 300, 300]);
    return timeline;
  };
  const visitor = far();
  expect(visitor.visit(3)).toBe(true);
  visitor.show(1400);
  expect(visitor.messages.some(({ seq }) => seq === 1400)).toBe(true);
  const reader = far();
  for (let step = 0; step < 120 && !reader.live; step += 1) {
    reader.newer();
    const seqs = reader.messages.map((one) => one.seq!);
    expect(seqs.every((seq, index) => index === 0 || seq === seqs[index - 1]! + 1)).toBe(true);
  }
  expect(reader.live).toBe(true);
  expect(reader.messages.at(-1)!.seq).toBe(1500);
});

test('and back down to the end, without a gap', () => {
  const chain = new Chain(SIZE, SIZE, 200);
  const timeline = new Timeline(chain.volume, 3, () => false);
  for (let step = 0; step < 80; step += 1) timeline.older();
  for (let step = 0; step < 120 && !timeline.live; step += 1) {
    const last = timeline.messages.at(-1)!.seq!;
    timeline.newer();
    const seqs = timeline.messages.map((one) => one.seq!);
    expect(seqs.every((seq, index) => index === 0 || seq === seqs[index - 1]! + 1)).toBe(true);
    expect(timeline.messages.at(-1)!.seq).toBeGreaterThanOrEqual(last);
    expect(timeline.messages.length).toBeLessThanOrEqual(300);
  }
  expect(timeline.live).toBe(true);
  expect(timeline.messages.at(-1)!.seq).toBe(1200);
});

test('arrivals extend a window that is live, and do not push its oldest message out', () => {
  const chain = new Chain(100);
  const timeline = new Timeline(chain.volume, 1, () => false);
  timeline.settle();
  chain.open.get(1)!.say(message(101), message(102));
  expect(shown(timeline)).toEqual([41, 102, 62]);
});

test('a reader at the end of a long-running view keeps a bounded number of messages', () => {
  const chain = new Chain(60);
  const timeline = new Timeline(chain.volume, 1, () => false);
  timeline.settle();
  chain.open.get(1)!.say(...Array.from({ length: 400 }, (_, index) => message(61 + index)));
  timeline.trim();
  expect(shown(timeline)).toEqual([401, 460, 60]);
});

test('pending messages stand at the end, once, also after the head has moved on', () => {
  const chain = new Chain(SIZE, 1);
  const timeline = new Timeline(chain.volume, 1, () => false);
  chain.open.get(1)!.say(message(9001, true));
  timeline.follow(2);
  expect(timeline.messages.at(-1)!.mid).toBe('m9001');
  chain.open.get(2)!.say({ ...message(502), slot: 'anna/m9001', mid: 'm9001' });
  expect(timeline.messages.filter((one) => one.mid === 'm9001')).toHaveLength(1);
});

test('a visit opens the volume of an old message apart from the head, and shows what is around it', () => {
  const chain = new Chain(SIZE, SIZE, SIZE, 10);
  const timeline = new Timeline(chain.volume, 4, () => false);
  timeline.visit(1);
  timeline.show(250);
  expect(timeline.find('m250')?.seq).toBe(250);
  expect(shown(timeline)).toEqual([190, 310, 121]);
  timeline.toNewest();
  expect(timeline.live).toBe(true);
  expect(timeline.messages.at(-1)!.seq).toBe(1510);
  expect([...chain.open.keys()]).toEqual([4]);
});

test('a head several volumes on does not move the view: it ends before what is new', () => {
  const chain = new Chain(100, SIZE, SIZE, 20);
  const timeline = new Timeline(chain.volume, 1, () => false);
  timeline.settle();
  timeline.follow(4);
  expect(shown(timeline)).toEqual([41, 100, 60]);
  expect(timeline.live).toBe(false);
  timeline.newer();
  timeline.newer();
  expect(shown(timeline)).toEqual([41, 120, 80]);
});

test('a head that was guessed before the directory was known is left', () => {
  const chain = new Chain(0, 0, 30);
  const timeline = new Timeline(chain.volume, null, () => false);
  expect(timeline.head.number).toBe(1);
  timeline.follow(3);
  expect(timeline.head.number).toBe(3);
  expect([...chain.open.keys()]).toEqual([3]);
});

test('an older volume that has not come is loading, and without a server it is not on this device', () => {
  const chain = new Chain(SIZE, SIZE, 10);
  let offline = $state(false);
  const timeline = new Timeline(chain.volume, 3, () => offline);
  expect(timeline.above.kind).toBe('more');
  timeline.older();
  const older = chain.open.get(2)!;
  older.messages = [];
  older.readable = false;
  expect(timeline.above.kind).toBe('loading');
  timeline.older();
  expect([...chain.open.keys()].sort()).toEqual([2, 3]);
  offline = true;
  expect(timeline.above.kind).toBe('not-on-device');
});
