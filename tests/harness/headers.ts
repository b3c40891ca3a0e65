import { createHash } from 'node:crypto';

const EXPECTED: Record<string, string | RegExp> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': /camera=\(\).*geolocation=\(\).*microphone=\(\)/,
};

export type Site = { https?: boolean; trusted?: boolean };

/** What an answer lacks of the headers that every answer has, in words: empty when it has them all. */
export function lacking(headers: Headers, { https = false, trusted = true }: Site = {}): string[] {
  const out: string[] = [];
  for (const [name, expected] of Object.entries(EXPECTED)) {
    const value = headers.get(name) ?? '';
    const fits = typeof expected === 'string' ? value === expected : expected.test(value);
    if (!fits) out.push(`${name}: ${value || 'missing'}`);
  }
  const hsts = headers.get('strict-transport-security');
  if (https !== (hsts === 'max-age=31536000')) out.push(`strict-transport-security: ${hsts}`);
  const opener = headers.get('cross-origin-opener-policy');
  if (trusted !== (opener === 'same-origin')) out.push(`cross-origin-opener-policy: ${opener}`);
  return [...out, ...faultsOfPolicy(headers.get('content-security-policy') ?? '')];
}

/** What a policy lets through that it must not. */
function faultsOfPolicy(text: string): string[] {
  const policy = directivesOf(text);
  const effective = (name: string) => policy.get(name) ?? policy.get('default-src') ?? ['*'];
  const out: string[] = [];
  for (const name of ['base-uri', 'frame-ancestors']) {
    if (policy.get(name)?.join(' ') !== "'none'") out.push(`${name} is not 'none' in: ${text}`);
  }
  if (effective('object-src').join(' ') !== "'none'") out.push(`object-src is not 'none' in: ${text}`);
  if (!/^'(none|self)'$/.test(policy.get('form-action')?.join(' ') ?? '')) out.push(`form-action in: ${text}`);
  for (const name of ['script-src', 'style-src', 'connect-src', 'img-src', 'worker-src', 'font-src']) {
    const loose = effective(name).filter((source) => !/^'(none|self|sha256-[A-Za-z0-9+/=]{44})'$/.test(source));
    if (loose.length > 0) out.push(`${name} allows ${loose.join(' ')} in: ${text}`);
  }
  return out;
}

function directivesOf(policy: string): Map<string, string[]> {
  return new Map(
    policy.split(';').flatMap((directive) => {
      const [name, ...sources] = directive.trim().split(/\s+/);
      return name ? [[name, sources] as const] : [];
    }),
  );
}

/** The inline scripts and styles of a page that its own policy would refuse, and handlers in its markup. */
export function refusedInline(html: string, policy: string): string[] {
  const directives = directivesOf(policy);
  const out = [...html.matchAll(/\son[a-z]+\s*=/gi)].map(([handler]) => `a handler in the markup: ${handler}`);
  for (const [, tag = '', attributes = '', content = ''] of html.matchAll(/<(script|style)([^>]*)>([\s\S]*?)<\/\1>/g)) {
    if (tag === 'script' && /\ssrc=/.test(attributes)) continue;
    const hash = `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
    if (!directives.get(`${tag}-src`)?.includes(hash)) out.push(`an inline ${tag}: ${content.slice(0, 60)}`);
  }
  return out;
}
