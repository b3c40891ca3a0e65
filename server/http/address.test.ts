import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress } from './address.ts';

const from = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('[H8] the address of a request', () => {
  it.each([
    ['the socket', from('10.0.0.1', '1.2.3.4'), 0, '10.0.0.1'],
    ['the socket, mapped', from('::ffff:10.0.0.1'), 0, '10.0.0.1'],
    ['what the one proxy wrote last', from('10.0.0.1', '6.6.6.6, 1.2.3.4'), 1, '1.2.3.4'],
    ['what the outer of two proxies wrote', from('10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2'), 2, '1.2.3.4'],
    ['the socket when the proxy wrote nothing', from('10.0.0.1'), 1, '10.0.0.1'],
    ['the socket when the header is nonsense', from('10.0.0.1', 'x'.repeat(1000)), 1, '10.0.0.1'],
    ['the network of IPv6', from('2001:db8:0:7::1'), 0, '2001:db8:0:7::/64'],
    ['the network of IPv6 in full', from('2001:0db8:0000:0007:1:2:3:4'), 0, '2001:db8:0:7::/64'],
    ['the network of a link-local one', from('fe80::1%eth0'), 0, 'fe80:0:0:0::/64'],
    ['the loopback', from('::1'), 0, '0:0:0:0::/64'],
  ])('is %s', (_what, request, proxies, address) => {
    expect(clientAddress(request, proxies)).toBe(address);
  });
});
