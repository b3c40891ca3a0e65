import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { SiteConfig } from '../config.ts';
import type { Pages } from './app.ts';
import { FILE_POLICY } from './headers.ts';

const BUILD = new URL('../../build/', import.meta.url);
const HANDLER = new URL('handler.js', BUILD);
const CLIENT = fileURLToPath(new URL('client', BUILD));
const PRERENDERED = fileURLToPath(new URL('prerendered', BUILD));
const META_POLICY = /<meta http-equiv="content-security-policy" content="([^"]+)">/;

/**
 * The pages as `npm run build` made them, or null. Their handler reads its settings when it is imported and believes
 * https unless told, so it is told first; what else the environment says to it would let a header choose the origin.
 */
export async function loadBuiltPages(site: SiteConfig): Promise<Pages> {
  if (!existsSync(fileURLToPath(HANDLER))) return null;
  process.env.ORIGIN = site.baseUrl.origin;
  for (const name of ['PROTOCOL_HEADER', 'HOST_HEADER', 'PORT_HEADER', 'ADDRESS_HEADER']) delete process.env[name];
  const { handler } = (await import(HANDLER.href)) as { handler: RequestListener };
  const policies = new Map([...filePolicies(CLIENT), ...prerenderedPolicies(PRERENDERED)]);
  return (request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const known = policies.get(path);
    // A page that is made for this request brings its own. Not so its 304, and a browser would keep ours with the page.
    if (known === undefined) delete request.headers['if-none-match'];
    response.setHeader('Content-Security-Policy', known ?? FILE_POLICY);
    return handler(request, response);
  };
}

/** Each file below a folder, as a path that begins with a slash. */
function pathsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `/${file.replaceAll('\\', '/')}`);
}

function filePolicies(folder: string): [path: string, policy: string][] {
  return pathsIn(folder).map((path) => [path, FILE_POLICY]);
}

/**
 * The policies of the pages that were made by the build, by their paths (the build's folder has BASE_URL's in it). They stand inside of those pages, where a
 * browser reads them late and ignores who may frame the page: so they are sent as headers too.
 */
function prerenderedPolicies(folder: string): ReadonlyMap<string, string> {
  const policies = new Map<string, string>();
  for (const path of pathsIn(folder)) {
    if (!path.endsWith('.html')) continue;
    const [, policy] = META_POLICY.exec(readFileSync(folder + path, 'utf8')) ?? [];
    if (policy === undefined) continue;
    for (const address of [path, path.replace(/(\/index)?\.html$/, '')]) {
      policies.set(address, `${policy.replaceAll('&#39;', "'").replaceAll('&amp;', '&')}; frame-ancestors 'none'`);
    }
  }
  return policies;
}
