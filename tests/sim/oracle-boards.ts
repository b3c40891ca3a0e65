import { readBoard, readHeads, readPeople, readRooms } from '../../src/lib/model/board.ts';
import { boardDoc, taskDoc } from '../../src/lib/model/names.ts';
import { byOneTab, type Facts } from './facts.ts';
import { canonical } from './stored.ts';

/** No card or column doubled or lost, and the directory says what the database says. */
export function judgeBoards(facts: Facts): string[] {
  const boards = facts.data.boards.all().map(({ id }) => id);
  return [...boards.flatMap((id) => [...judgeBoard(id, facts), ...judgeDirectory(id, facts)]), ...judgeWriting(facts)];
}

function judgeBoard(board: string, facts: Facts): string[] {
  const problems: string[] = [];
  const { columns, archivedCards, archivedColumns } = readBoard(facts.doc(boardDoc(board)));
  const cards = [...columns.flatMap((column) => column.cards), ...archivedCards];
  const made = facts.did('card').filter(({ act }) => act.board === board);
  const lanes = [...columns, ...archivedColumns];
  for (const entry of made) {
    const there = cards.filter(({ id }) => id === entry.act.id);
    if (there.length > 1) problems.push(`a card stands twice: ${entry.act.id}`);
    if (there.length === 0 && facts.isCertain(entry))
      problems.push(`a card was lost: #${entry.nth} ${JSON.stringify(entry.act)}`);
  }
  for (const card of cards) {
    const titles = [...made, ...facts.did('card-title')].filter(({ act }) => act.id === card.id);
    if (!made.some(({ act }) => act.id === card.id)) problems.push(`nobody made the card ${card.id}`);
    else if (!titles.some(({ act }) => act.title === card.title)) problems.push(`nobody named a card ${card.title}`);
    const last = titles.toSorted((a, b) => a.nth - b.nth).at(-1)?.act.title;
    if (byOneTab(facts, titles) && last !== card.title)
      problems.push(`a title was lost: ${card.id} ${last} is ${card.title}`);
    if (facts.data.tasks.get(card.id)?.board !== board) problems.push(`a card without its task: ${card.id}`);
    problems.push(...judgeAssigned(card, facts));
  }
  for (const entry of facts.did('column').filter(({ act }) => act.board === board)) {
    const there = lanes.filter(({ id }) => id === entry.act.id).length;
    if (there > 1 || (there === 0 && facts.isCertain(entry))) {
      problems.push(`a column stands ${there} times: #${entry.nth} ${JSON.stringify(entry.act)}`);
    }
  }
  return problems;
}

function judgeAssigned(card: { id: string; assignees?: readonly string[] }, facts: Facts): string[] {
  const acts = facts.did('assign').filter(({ act }) => act.id === card.id);
  return [...Map.groupBy(acts, ({ act }) => act.who)].flatMap(([who, mine]) => {
    if (!byOneTab(facts, mine)) return [];
    const on = card.assignees?.includes(who) === true;
    return on === mine.at(-1)?.act.on ? [] : [`an assignment was lost: ${card.id} ${who}`];
  });
}

/** Where a board does not say what the database knows best. */
export function judgeDirectories(facts: Facts): string[] {
  return facts.data.boards.all().flatMap(({ id }) => judgeDirectory(id, facts));
}

/** Who is in, which rooms there are, and how far each conversation has come. */
function judgeDirectory(board: string, facts: Facts): string[] {
  const { data } = facts;
  const doc = facts.doc(boardDoc(board));
  const same = (what: string, shown: string[], rows: string[]): string[] => {
    const [is, ought] = [shown.sort().join(), rows.sort().join()];
    return is === ought ? [] : [`${what} of ${board}: ${is}, not ${ought}`];
  };
  const members = data.memberships.where((row) => row.board === board);
  const rooms = data.rooms.where((room) => room.board === board && room.removedAt === null && !room.private);
  const far = data.conversations.where(({ ref, ...row }) => {
    const hidden = data.rooms.get(ref.slice('room/'.length))?.private === true;
    return row.board === board && (row.nextSeq > 1 || row.head > 1) && !facts.isGone(ref) && !hidden;
  });
  return [
    ...same(
      'people',
      [...readPeople(doc).values()].map(({ id, role }) => `${id} ${role}`),
      members.map(({ user, role }) => `${user} ${role}`),
    ),
    ...same(
      'rooms',
      readRooms(doc).map(({ id, name, description, archived }) => [id, name, description, archived].join(' ')),
      rooms.map(({ id, name, description, archivedAt }) => [id, name, description, archivedAt].join(' ')),
    ),
    ...same(
      'heads',
      [...readHeads(doc)].map(([ref, { volume, seq }]) => `${ref} ${volume} ${seq}`),
      far.map(({ ref, head, nextSeq }) => `${ref} ${head} ${nextSeq - 1}`),
    ),
  ];
}

/** What was written into a description stands there once, unless someone erased it. */
function judgeWriting(facts: Facts): string[] {
  const erased = new Set(facts.did('erase').map(({ act }) => act.token));
  return facts.did('write').flatMap((entry) => {
    const { task, token } = entry.act;
    const times = canonical(facts.doc(taskDoc(task)), taskDoc(task)).split(token).length - 1;
    if (times > 1) return [`written twice: ${token} in ${task}`];
    if (times === 0 && facts.isCertain(entry) && !erased.has(token))
      return [`writing was lost: #${entry.nth} ${token}`];
    const gone = facts.did('erase').some((one) => one.act.token === token && facts.isCertain(one));
    return times === 1 && gone ? [`erased, and still there: ${token}`] : [];
  });
}
