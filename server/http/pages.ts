import { existsSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { SiteConfig } from '../config.ts';
import type { Pages } from './app.ts';

const BUILT_PAGES = new URL('../../build/handler.js', import.meta.url);

/**
 * The pages as `npm run build` made them, or null. Their handler reads its settings when it is imported and believes
 * https unless told, so it is told first; what else the environment says to it would let a header choose the origin.
 */
export async function loadBuiltPages(site: SiteConfig): Promise<Pages> {
  if (!existsSync(fileURLToPath(BUILT_PAGES))) return null;
  process.env.ORIGIN = site.baseUrl.origin;
  for (const name of ['PROTOCOL_HEADER', 'HOST_HEADER', 'PORT_HEADER', 'ADDRESS_HEADER']) delete process.env[name];
  const { handler } = (await import(BUILT_PAGES.href)) as { handler: RequestListener };
  return handler;
}
