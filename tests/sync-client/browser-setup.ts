import type { TestProject } from 'vitest/node';
import { LogServer } from './log-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the server is that pages under test speak to. */
    logServer: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await LogServer.start();
  for (let n = 1; n <= 60; n += 1) server.person(n);
  project.provide('logServer', server.origin);
  return () => server.close();
}
