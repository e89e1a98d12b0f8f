import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostsFile, hostLine, hostTable } from './hosts.ts';
import { AddressBlock, guardAt } from './loopback.ts';

test('a hosts file is read on as it grows, both ways', () => {
  const directory = mkdtempSync(join(tmpdir(), 'groundhog-test-'));
  const path = join(directory, 'hosts');
  writeFileSync(path, hostLine('a-1', '127.9.1.1'));
  const hosts = new HostsFile(path);
  expect(hosts.addressOf('a-1')).toBe('127.9.1.1');
  expect(hosts.addressOf('a-2')).toBe(undefined);
  expect(hosts.nameOf('127.9.1.2')).toBe(undefined);
  appendFileSync(path, hostLine('a-2', '127.9.1.2'));
  expect(hosts.nameOf('127.9.1.2')).toBe('a-2');
  expect(hosts.addressOf('a-2')).toBe('127.9.1.2');
  rmSync(directory, { recursive: true });
});

test('a table knows its names and addresses, and nothing else', () => {
  const hosts = hostTable({ a: '10.0.0.1' });
  expect(hosts.addressOf('a')).toBe('10.0.0.1');
  expect(hosts.nameOf('10.0.0.1')).toBe('a');
  expect(hosts.addressOf('constructor')).toBe(undefined);
});

test('blocks of addresses that are held at the same time differ, and so do their addresses', async () => {
  const blocks = await Promise.all(Array.from({ length: 5 }, () => AddressBlock.claim()));
  const addresses = blocks.flatMap((block) => Array.from({ length: 300 }, () => block.next()));
  expect(new Set(addresses).size).toBe(1500);
  expect(new Set(addresses.map((address) => address.split('.')[1])).size).toBe(5);
  for (const address of addresses) expect(address).toMatch(/^127\.[1-9]\d*\.[1-9]\d*\.[1-9]\d*$/);
  for (const block of blocks) block.release();
});

test('a block has an address for each of 62,500 nodes', async () => {
  const block = await AddressBlock.claim();
  const addresses = new Set<string>();
  while (!block.isUsedUp) addresses.add(block.next());
  expect(addresses.size).toBe(AddressBlock.size);
  expect(() => block.next()).toThrow('has addresses left');
  block.release();
});

test('a block that is held is held once', async () => {
  const block = await AddressBlock.claim();
  const [, number] = block.next().split('.');
  expect(await guardAt(`127.${number}.0.1`)).toBe(undefined);
  await expect(AddressBlock.claim([Number(number)])).rejects.toMatchObject({
    name: 'LiveError',
    code: 'exhausted',
    message: expect.stringMatching(/^no addresses are left for a live run: [^\n]*; end another$/),
  });
  block.release();
});

test('a machine without the address says so in one line', async () => {
  // RFC 5737: an address that no machine has.
  await expect(guardAt('192.0.2.1')).rejects.toMatchObject({
    name: 'LiveError',
    code: 'unsupported',
    message: expect.stringMatching(
      /^live runs give .* 192\.0\.2\.1 cannot be used: EADDRNOTAVAIL$/,
    ),
  });
});
