import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/*
 * The address that messages are pushed to is chosen by whoever subscribes: this server would send requests where they
 * like. So it sends only to the web at large, by https at its usual port, and looks at the very address that is connected
 * to, because a name may mean another one a moment later.
 */

const HOUSE = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  HOUSE.addSubnet(net, bits, 'ipv4');
}
/** All of IPv6 that is given out to the public is in here, but for what leads back to IPv4 and for documentation. */
const PUBLIC_6 = new BlockList();
PUBLIC_6.addSubnet('2000::', 3, 'ipv6');
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  HOUSE.addSubnet(net, bits, 'ipv6');
}

/** Whether this is an address of the web at large, rather than of this machine or the networks around it. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !HOUSE.check(address, 'ipv4');
  return family === 6 && PUBLIC_6.check(address, 'ipv6') && !HOUSE.check(address, 'ipv6');
}

const LONGEST = 1_000;

/** The address when it may be pushed to as far as it can be told by looking at it; else null. */
export function parseEndpoint(text: string, privateToo: boolean): URL | null {
  if (text.length > LONGEST || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return null;
  if (privateToo) return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  if (url.protocol !== 'https:' || url.port !== '') return null;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return isPublicAddress(host) ? url : null;
  // A name without a dot is one of the house.
  return host.includes('.') && !/\.(?:localhost|local|internal|home\.arpa)\.?$/i.test(host) ? url : null;
}

/** Looks a name up as `dns.lookup` does, and fails when any of its addresses is not public. */
export const publicLookup: LookupFunction = (name, options, answer) => {
  lookup(name, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const [first] = found ?? [];
    if (error !== null || first === undefined) return answer(error ?? new Error('no address'), '', 0);
    if (!found.every(({ address }) => isPublicAddress(address))) {
      return answer(Object.assign(new Error('not a public address'), { code: 'EPRIVATE' }), '', 0);
    }
    if (options.all === true) answer(null, found);
    else answer(null, first.address, first.family);
  });
};
