import * as Y from 'yjs';
import { isPlainArray, isPlainObject } from '../../../src/lib/model/plain.ts';
import { can } from '../../../src/lib/model/roles.ts';
import { DESCRIPTION_ROOT } from '../../../src/lib/model/task.ts';
import type { Place } from './overlay.ts';
import { DESCRIPTION_DEPTH, DESCRIPTION_QUOTA } from './quotas.ts';
import type { TreeRules } from './rules.ts';
import { kindOf } from './view.ts';
import { object, type Objection, type Writer } from './verdict.ts';

/** Names of nodes, marks and attributes, as editors write them (`bulletList`, `comment--Vx+9/w==`). */
const NAME = /^[A-Za-z][A-Za-z0-9_+/=:.-]{0,127}$/;
/** Names that are no plain property when a reader copies them into an object. */
const RESERVED: readonly string[] = ['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty'];
/** Values of marks and attributes: a link's address, a colour, the widths of a table's columns. */
const VALUE_SIZE = 10_000;
const VALUE_DEPTH = 5;

/** The description of a task [G13]: a tree of elements, with text in texts and values in attributes. */
export function descriptionRules(who: Writer): TreeRules {
  return {
    shape: 'tree',
    roots: [DESCRIPTION_ROOT],
    mayWrite: can(who.role, 'editCards'),
    quota: DESCRIPTION_QUOTA,
    item: objectionTo,
  };
}

function objectionTo(item: Y.Item, place: Place): Objection | null {
  const { content } = item;
  if (content instanceof Y.ContentDeleted) return null;
  if (content instanceof Y.ContentString) return inText(place);
  if (content instanceof Y.ContentFormat) {
    return inText(place) ?? named(content.key) ?? sized(content.value);
  }
  if (content instanceof Y.ContentType) return node(content.type, place);
  if (content instanceof Y.ContentAny) return attribute(content.arr as readonly unknown[], place);
  return object('malformed', 'content that no description has');
}

function inText(place: Place): Objection | null {
  if (place.kind === 'text' && place.key === null) return null;
  return object('malformed', 'words outside of a text');
}

function node(type: Y.AbstractType<unknown>, place: Place): Objection | null {
  const kind = kindOf(type);
  if (kind === 'other') return object('malformed', 'a type that no description has');
  if (place.key !== null || (place.kind !== 'root' && place.kind !== 'element')) {
    return object('malformed', 'a node outside of an element');
  }
  if (place.depth >= DESCRIPTION_DEPTH) return object('bad-value', 'nested too deeply');
  return type instanceof Y.XmlElement ? named(type.nodeName) : null;
}

function attribute(values: readonly unknown[], place: Place): Objection | null {
  if (place.key === null || (place.kind !== 'element' && place.kind !== 'text')) {
    return object('malformed', 'a value outside of an attribute');
  }
  const wrong = named(place.key);
  if (wrong !== null) return wrong;
  for (const value of values) {
    const objection = sized(value);
    if (objection !== null) return objection;
  }
  return null;
}

function named(name: string): Objection | null {
  return NAME.test(name) && !RESERVED.includes(name) ? null : object('bad-value', 'a name that no editor gives');
}

function sized(value: unknown): Objection | null {
  return sizeOf(value, VALUE_DEPTH) <= VALUE_SIZE ? null : object('bad-value', 'a value too large or not plain');
}

/** The rough length of a plain JSON value; infinite for anything else, or nested deeper than `depth`. */
function sizeOf(value: unknown, depth: number): number {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'number') return 8;
  if (typeof value === 'string') return 8 + value.length;
  if (depth === 0) return Infinity;
  let size = 8;
  if (isPlainArray(value)) {
    for (const item of value) size += sizeOf(item, depth - 1);
    return size;
  }
  if (!isPlainObject(value)) return Infinity;
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') return Infinity;
    size += 8 + key.length + sizeOf(item, depth - 1);
  }
  return size;
}
