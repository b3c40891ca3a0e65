import { describe, expect, test } from 'vitest';
import { isPublicAddress, parseEndpoint, publicLookup } from './endpoint.ts';

describe('where messages are pushed to', () => {
  test.each([
    'https://fcm.googleapis.com/fcm/send/abc:def',
    'https://updates.push.services.mozilla.com/wpush/v2/gAAA',
    'https://web.push.apple.com/QGq?x=1',
    'https://8.8.8.8/x',
    'https://[2606:4700::1111]/x',
  ])('%s may be', (endpoint) => {
    expect(parseEndpoint(endpoint, false)?.href).toBe(endpoint);
  });

  test.each([
    '',
    'no address',
    'http://push.example.org/x',
    'ftp://push.example.org/x',
    'file:///etc/passwd',
    'https://push.example.org:8443/x',
    'https://push.example.org:22/x',
    'https://user:word@push.example.org/x',
    'https://push.example.org/x#y',
    'https://localhost/x',
    'https://database/x',
    'https://printer.local/x',
    'https://metadata.google.internal/x',
    'https://a.localhost/x',
    'https://127.0.0.1/x',
    'https://127.1/x',
    'https://2130706433/x',
    'https://0x7f.0.0.1/x',
    'https://0.0.0.0/x',
    'https://10.1.2.3/x',
    'https://172.16.0.1/x',
    'https://192.168.1.1/x',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/x',
    'https://224.0.0.1/x',
    'https://255.255.255.255/x',
    'https://[::1]/x',
    'https://[::]/x',
    'https://[fe80::1]/x',
    'https://[fd00::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[64:ff9b::7f00:1]/x',
    'https://[2002:7f00:1::]/x',
    `https://push.example.org/${'x'.repeat(1_000)}`,
  ])('%s may not be', (endpoint) => {
    expect(parseEndpoint(endpoint, false)).toBeNull();
  });

  test('a house that has its own push service may say so', () => {
    expect(parseEndpoint('http://127.0.0.1:8080/x', true)?.port).toBe('8080');
    expect(parseEndpoint('file:///etc/passwd', true)).toBeNull();
    expect(parseEndpoint('http://user@127.0.0.1/x', true)).toBeNull();
  });

  test.each(['', 'x', '1.2.3', '::ffff:8.8.8.8', '0.1.2.3', '192.0.0.8'])('%j is no public address', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test('a name that means this machine is not connected to', async () => {
    const answer = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      publicLookup('localhost', {}, (error) => resolve(error));
    });
    expect(answer?.code).toBe('EPRIVATE');
  });
});
