/** docs/env.md and docs/faults.md: their programs run, and nothing that there is is missing in them. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Clock } from '../env/clock.ts';
import type { Disk, DiskErrorCode, DiskFile, OpenMode } from '../env/disk.ts';
import type { Env } from '../env/env.ts';
import type { History, Invocation } from '../env/history.ts';
import type { Memory, MemoryErrorCode, MovablePool, Pool } from '../env/memory.ts';
import type { ByteStream, Net, NetErrorCode } from '../env/net.ts';
import type { Process } from '../env/process.ts';
import type { Random } from '../env/random.ts';
import type { Threads } from '../env/threads.ts';
import type { Timers } from '../env/timers.ts';
import { FAULT_KINDS } from '../fault/catalogue.ts';
import { PRESET_NAMES } from '../fault/presets.ts';
import { tree } from '../node/fixtures/tree.ts';
import { readDocument, typeAll } from './fixtures/document.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** A name that is added to one of these, or goes, does not compile here. */
type Names<Port> = Record<keyof Port & string, true>;

const ENV: Names<Env> = {
  name: true,
  role: true,
  index: true,
  peers: true,
  clock: true,
  timers: true,
  random: true,
  net: true,
  disk: true,
  process: true,
  memory: true,
  threads: true,
  log: true,
  trace: true,
  history: true,
  operation: true,
  observe: true,
  buggify: true,
  maximise: true,
  minimise: true,
  always: true,
  sometimes: true,
  reachable: true,
  unreachable: true,
  eventually: true,
};
const CALLS: Names<
  Clock &
    Timers &
    Random &
    Disk &
    DiskFile &
    Net &
    ByteStream &
    Process &
    Memory &
    Pool &
    MovablePool &
    Threads &
    History &
    Invocation
> = {
  wallMs: true,
  monotonicMs: true,
  sleep: true,
  after: true,
  every: true,
  immediate: true,
  integer: true,
  branch: true,
  pick: true,
  shuffle: true,
  bytes: true,
  uuid: true,
  open: true,
  list: true,
  makeDirectory: true,
  rename: true,
  remove: true,
  syncDirectory: true,
  path: true,
  read: true,
  write: true,
  size: true,
  truncate: true,
  sync: true,
  close: true,
  datagrams: true,
  listen: true,
  connect: true,
  lookup: true,
  serve: true,
  call: true,
  local: true,
  remote: true,
  end: true,
  abort: true,
  incarnation: true,
  exit: true,
  crash: true,
  onTerminate: true,
  pool: true,
  movablePool: true,
  capacityBytes: true,
  usedBytes: true,
  allocate: true,
  free: true,
  view: true,
  pin: true,
  unpin: true,
  spawn: true,
  native: true,
  invoke: true,
  ok: true,
  fail: true,
  unknown: true,
};
const WORDS: Record<OpenMode | DiskErrorCode | NetErrorCode | MemoryErrorCode, true> = {
  read: true,
  update: true,
  'open-or-create': true,
  create: true,
  'not-found': true,
  exists: true,
  'is-directory': true,
  'not-directory': true,
  'not-empty': true,
  'no-space': true,
  io: true,
  closed: true,
  invalid: true,
  'address-in-use': true,
  'unknown-host': true,
  refused: true,
  'timed-out': true,
  reset: true,
  'too-large': true,
  remote: true,
  'out-of-memory': true,
  'invalid-size': true,
  'invalid-offset': true,
  'double-free': true,
  corrupt: true,
  unavailable: true,
};

const { files, typed, text } = readDocument('env.md');

test('the reference of env: its programs pass', async () => {
  const cwd = tree(files);
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(PACKAGE, join(cwd, 'node_modules', 'groundhog'));
  expect(await typeAll(typed, cwd)).toEqual(typed);
}, 60_000);

test('the reference of env has every call, mode and code', () => {
  const quoted = [...text.matchAll(/(?:`|^## )([^`\n]+)(?:`|$)/gm)]
    .map(([, code]) => code!)
    .join('\n');
  const isNamed = (name: string) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(quoted);
  const missing = Object.keys({ ...ENV, ...CALLS, ...WORDS }).filter((name) => !isNamed(name));
  expect(missing).toEqual([]);
});

test('the guide to faults has every preset and every kind', () => {
  const { text } = readDocument('faults.md');
  for (const name of [...PRESET_NAMES, ...FAULT_KINDS.map(({ kind }) => kind)]) {
    expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'));
  }
});
