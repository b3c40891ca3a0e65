/**
 * The one place where the server writes to its output. Every line is `time level namespace event key=value …`
 * (logfmt), so that a person can read it and a program can parse it. Context carries ids, counts and codes, never
 * the text of a message, a token, a password or an address.
 */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogContext = Record<string, unknown>;

export interface Log {
  debug(event: string, context?: LogContext): void;
  info(event: string, context?: LogContext): void;
  warn(event: string, context?: LogContext): void;
  error(event: string, context?: LogContext): void;
  /** The same log under `namespace.name`. */
  child(name: string): Log;
}

export interface LogOptions {
  level: LogLevel;
  /** Receives one line without its newline. */
  write?: (line: string) => void;
  now?: () => number;
}

/** Makes a log that writes lines at or above `level`, by default to standard error. It never throws. */
export function createLog(options: LogOptions, namespace = 'taskflow'): Log {
  const { level, write = writeToStderr, now = Date.now } = options;
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (lineLevel: LogLevel) => (event: string, context?: LogContext) => {
    if (LOG_LEVELS.indexOf(lineLevel) < threshold) return;
    const time = new Date(now()).toISOString();
    const fields = context ? formatContext(context) : '';
    write(`${time} ${lineLevel} ${namespace} ${formatValue(event)}${fields}`);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (name) => createLog(options, `${namespace}.${name}`),
  };
}

function writeToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

function formatContext(context: LogContext): string {
  let out = '';
  for (const [key, value] of Object.entries(context)) {
    if (value !== undefined) out += ` ${key}=${formatValue(value)}`;
  }
  return out;
}

/** One token without line breaks: a value from outside must not be able to forge a second line. */
function formatValue(value: unknown): string {
  const text = value instanceof Error ? (value.stack ?? `${value.name}: ${value.message}`) : plain(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) {
    try {
      return JSON.stringify(value);
    } catch {
      return '[unprintable]';
    }
  }
  return String(value);
}
