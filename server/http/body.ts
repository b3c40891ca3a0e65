import type { IncomingMessage } from 'node:http';
import { ApiError } from '../../src/lib/api/errors.ts';

/** The largest request body, in bytes. */
export const BODY_LIMIT = 1024 * 1024;
/** No body of ours nests deeper than four; a deep one is an attack on whatever walks it. */
const DEPTH_LIMIT = 32;
/** Nor has one more than a hundred values; a megabyte of keys keeps everybody waiting for a fifth of a second. */
const VALUES_LIMIT = 10_000;
/** Most bodies fit. */
const FIRST_BYTES = 4_096;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a JSON object from a request; `{}` when there is no body. Throws an `ApiError` for another content type, more
 * than `BODY_LIMIT` bytes, or what is not a JSON object of well-formed text.
 */
export async function readJsonBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return {};
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new ApiError('not-json', 'Send the body as it is, without Content-Encoding.');
  }
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new ApiError('not-json', 'Send the body as JSON, with the header Content-Type: application/json.');
  }
  return parseJsonObject(bytes);
}

/** Whether a request announces a body at all. */
export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) throw tooLarge();
  // Copied at once: a body that comes in a million chunks would hold a million buffers.
  let bytes = Buffer.allocUnsafe(FIRST_BYTES);
  let size = 0;
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      if (size + chunk.length > BODY_LIMIT) {
        // Once: what still comes may come in a million pieces, and an error of each has its price.
        request.off('data', take);
        reject(tooLarge());
        return;
      }
      if (size + chunk.length > bytes.length) {
        const larger = Buffer.allocUnsafe(Math.min(BODY_LIMIT, 2 * (size + chunk.length)));
        bytes.copy(larger, 0, 0, size);
        bytes = larger;
      }
      size += chunk.copy(bytes, size);
    };
    request.on('data', take);
    request.on('end', () => resolve(bytes.subarray(0, size)));
    request.on('error', () => reject(new ApiError('bad-request', 'The request ended before its body did.')));
    request.on('aborted', () => reject(new ApiError('bad-request', 'The request ended before its body did.')));
  });
}

function tooLarge(): ApiError {
  return new ApiError('too-large', `The body is larger than ${BODY_LIMIT} bytes; send less at once.`);
}

/** Parses without recursion on depth, and without a loop over keys, that a stranger chose. */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> {
  const { depth, values } = measure(bytes);
  if (depth > DEPTH_LIMIT) throw new ApiError('bad-request', `The JSON is nested deeper than ${DEPTH_LIMIT} levels.`);
  if (values > VALUES_LIMIT) throw new ApiError('bad-request', `The JSON holds more than ${VALUES_LIMIT} values.`);
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    throw new ApiError('bad-request', 'The body is not valid JSON in UTF-8.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError('bad-request', 'The body must be a JSON object.');
  }
  if (!allTextFit(value)) {
    throw new ApiError('bad-request', 'The body holds a NUL character or half of a surrogate pair; remove it.');
  }
  return value as Record<string, unknown>;
}

/** Text that Postgres and UTF-8 can hold. */
export function isFitText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** How deep it nests and how many values follow others, as far as that matters. */
function measure(bytes: Uint8Array): { depth: number; values: number } {
  const QUOTE = 0x22;
  const BACKSLASH = 0x5c;
  let open = 0;
  let depth = 0;
  let values = 0;
  let inString = false;
  for (let i = 0; i < bytes.length && depth <= DEPTH_LIMIT; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === 0x7b || byte === 0x5b) depth = Math.max(depth, ++open);
    else if (byte === 0x7d || byte === 0x5d) open--;
    else if (byte === 0x2c) values++;
  }
  return { depth, values };
}

function allTextFit(value: unknown): boolean {
  if (typeof value === 'string') return isFitText(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isFitText(key) && allTextFit(inner));
}
