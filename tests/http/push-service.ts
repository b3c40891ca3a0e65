import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A browser's half of a subscription: what it keeps to read with, and what it gives to the server. */
export class Browser {
  readonly #keys = createECDH('prime256v1');
  readonly #auth = randomBytes(16);
  readonly #public: Buffer;
  readonly endpoint: string;

  constructor(endpoint: string) {
    this.#public = this.#keys.generateKeys();
    this.endpoint = endpoint;
  }

  get subscription() {
    return {
      endpoint: this.endpoint,
      keys: { p256dh: this.#public.toString('base64url'), auth: this.#auth.toString('base64url') },
    };
  }

  /** Reads a message as RFC 8291 and RFC 8188 say. Throws when it is not for this browser. */
  read(body: Buffer): string {
    const salt = body.subarray(0, 16);
    const length = body.readUInt8(20);
    const theirs = body.subarray(21, 21 + length);
    const sealed = body.subarray(21 + length);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#public, theirs]);
    const secret = Buffer.from(hkdfSync('sha256', this.#keys.computeSecret(theirs), this.#auth, info, 32));
    const key = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: aes128gcm\0', 16));
    const nonce = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: nonce\0', 12));
    const decipher = createDecipheriv('aes-128-gcm', key, nonce);
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return plain.subarray(0, plain.lastIndexOf(2)).toString();
  }
}

type Taken = { path: string; headers: IncomingMessage['headers']; body: Buffer; at: number };

/** A push service of the test: a real HTTP server that takes messages, or answers as it is told. */
export class PushService {
  readonly taken: Taken[] = [];
  /** What it answers, by path; 201 otherwise. Each is used once, the last one stays. */
  readonly answers = new Map<string, { status: number; headers?: Record<string, string> }[]>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<PushService> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = request.url ?? '';
        service.taken.push({ path, headers: request.headers, body: Buffer.concat(chunks), at: Date.now() });
        const planned = service.answers.get(path) ?? [];
        const answer = planned.length > 1 ? planned.shift() : planned[0];
        response.writeHead(answer?.status ?? 201, answer?.headers).end();
      });
    });
    const service = new PushService(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  at(path: string): Taken[] {
    return this.taken.filter((one) => one.path === path);
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** Whether a request bears the signature of the server with this key (RFC 8292), and its claims. */
export function claimsOf(authorization: string, key: string): { aud: string; sub: string; exp: number } | null {
  const match = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)$/.exec(authorization);
  if (match === null || match[4] !== key) return null;
  const [, head = '', claims = '', signature = ''] = match;
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' };
  const good = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  return good
    ? (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; sub: string; exp: number })
    : null;
}
