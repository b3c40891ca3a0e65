/** What has not reached the server, as the beginning of a sentence: '1 change is', '2 changes are'. */
export function changesAre(count: number): string {
  return count === 1 ? '1 change is' : `${count} changes are`;
}

/** Says before signing out what has not been sent, and what becomes of it. */
export function unsentWords(count: number, nowhereElse: boolean): string {
  const where = nowhereElse ? 'this device cannot keep what you do now' : 'only on this device';
  return `${changesAre(count)} not sent yet and ${where}.`;
}
