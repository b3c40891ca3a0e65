/**
 * Every way in which the API says no, with the HTTP status it travels in. Codes are part of the contract: programs
 * branch on them. Messages are for people and may change.
 */
export const ErrorCode = {
  'bad-request': 400,
  invalid: 400,
  'signed-out': 401,
  'wrong-credentials': 401,
  forbidden: 403,
  'foreign-origin': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  taken: 409,
  archived: 409,
  'last-owner': 409,
  'too-large': 413,
  'not-json': 415,
  refused: 422,
  throttled: 429,
  internal: 500,
  preparing: 503,
  busy: 503,
  unavailable: 503,
} as const;
export type ErrorCode = keyof typeof ErrorCode;

/** The body of every answer that is not a success. */
export interface ErrorBody {
  error: { code: ErrorCode; message: string };
}

/** A refusal on its way out of a handler. `message` is one plain English sentence that says what to do. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: ErrorCode;
  /** Seconds after which the same request may succeed; becomes `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, retryAfter?: number) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return ErrorCode[this.code];
  }
}

/** The one answer for what does not exist and for what this person may not know of. */
export function notFound(): ApiError {
  return new ApiError('not-found', 'There is nothing here, or you may not see it.');
}
