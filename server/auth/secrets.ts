import { createHash, randomBytes } from 'node:crypto';

/** A secret of 256 random bits in 43 characters that need no escaping in an address. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What the database keeps of a secret. Plain SHA-256 is enough because the secrets are random, not chosen by people;
 * equality in an index leaks nothing that helps to guess one.
 */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}
