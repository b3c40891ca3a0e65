import { expect, test } from 'vitest';
import { webLink } from './web-link.ts';

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  '\x01javascript:alert(1)',
  'java\tscript:alert(1)',
  'javascript&colon;alert(1)',
  'javascript%3Aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'blob:https://x.org/1',
  'about:blank',
  'intent://x#Intent;end',
  'ms-word:ofe|u|https://x.org',
  'ftp://x.org',
  'tel:1',
  'ws://x.org',
  '//x.org',
  '/b/1',
  'u',
  '',
  '#',
  'https://',
  'http://[',
])('%j is not followed', (href) => {
  expect(webLink(href, 'words')).toBeNull();
});

test.each([
  ['https://x.org', 'a page', null],
  ['https://x.org/a', 'https://x.org/a', null],
  ['https://X.org/a', 'x.org/a', null],
  ['https://www.x.org', 'www.x.org', null],
  ['mailto:olga@x.org', 'olga@x.org', null],
  ['mailto:olga@x.org', 'write to us', null],
  ['https://x.org', 'version 1.2', null],
  ['https://x.org/路', 'https://x.org/路', null],
  ['https://x.org/?a=b.cd', 'x.org?a=b.cd', null],
  ['https://x.org', 'x.org/ and bank.com', 'x.org'],
  ['https://x.org.evil.org', 'x.org', 'x.org.evil.org'],
  ['https://evil.org', 'bank.com', 'evil.org'],
  ['https://evil.org', 'https://bank.com/login', 'evil.org'],
  ['https://evil.org/bank.com', 'bank.com', 'evil.org'],
  ['https://evil.org', 'https://bank.com/evil.org', 'evil.org'],
  ['https://bank.com@evil.org/', 'https://bank.com@evil.org/', 'evil.org'],
  ['https://evil.org', 'go to bank.com now', 'evil.org'],
  ['https://evil.org:8080', 'evil.org', 'evil.org:8080'],
  ['https://bаnk.com', 'https://bаnk.com', 'xn--bnk-6cd.com'],
  ['https://evil.org', 'bank。com', 'evil.org'],
  ['mailto:thief@evil.org', 'help@bank.com', 'thief@evil.org'],
  ['https://evil.org', '\u202emoc.knab', 'evil.org'],
])('%j called %j says that it leads to %j', (href, words, leadsTo) => {
  expect(webLink(href, words)?.leadsTo).toBe(leadsTo);
});

test('the address that is followed is the one that was checked', () => {
  expect(webLink('HTTPS://x.org/a b"><b>', 'x')?.href).toBe('https://x.org/a%20b%22%3E%3Cb%3E');
});
