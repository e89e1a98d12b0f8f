import { expect, test } from 'vitest';
import type { Env } from '../env/env.ts';
import { trial } from '../node/trial.ts';
import { inMacrotask } from '../sched/macrotask.ts';
import { QUIET_DISK } from './disk.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (words: string): Uint8Array => Buffer.from(words);

interface Crashed {
  readonly write: (env: Env) => Promise<void>;
  readonly read: (env: Env) => Promise<void>;
}

/** What 60 seeds find broken when the power is cut after `write`, and the node comes back to `read`. */
function afterCrash(
  { write, read }: Crashed,
  losesUnsynced: boolean,
): Promise<{ readonly broken: number; readonly properties: readonly string[] }> {
  const program = async (env: Env): Promise<void> => {
    if (env.process.incarnation > 0) return read(env);
    await write(env);
    env.process.crash('power cut');
  };
  const conditions = { disk: { ...QUIET_DISK, losesUnsynced } };
  return inMacrotask(() => {
    const found: string[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const programs = { main: { load: () => program } };
      const { violation } = trial({ seed: `${seed}`, programs, conditions });
      if (violation !== undefined) found.push(violation.property);
    }
    return { broken: found.length, properties: [...new Set(found)] };
  });
}

const NOTHING = { broken: 0, properties: [] };

/** What is in `path`, or undefined where there is no such file. */
async function content({ disk }: Env, path: string): Promise<string | undefined> {
  try {
    const file = await disk.open(path, 'read');
    return text(await file.read({ at: 0, bytes: 100 }));
  } catch {
    return undefined;
  }
}

async function write(env: Env, path: string, words: string, sync: boolean): Promise<void> {
  const file = await env.disk.open(path, 'open-or-create');
  await file.write(0, bytes(words));
  if (sync) await file.sync();
}

const unsynced: Crashed = {
  async write(env) {
    await write(env, 'log', 'old', true);
    await env.disk.syncDirectory('');
    await write(env, 'log', 'new', false);
  },
  async read(env) {
    env.always('the last write is there', (await content(env, 'log')) === 'new');
  },
};

test('a write that was not synced survives where the faults do not ask', async () => {
  expect(await afterCrash(unsynced, false)).toEqual(NOTHING);
});

// Each write is lost or kept by a coin: that all of 60 go one way has a chance below 1e-17.
test('a crash loses writes that were not synced, in some seeds', async () => {
  const { broken, properties } = await afterCrash(unsynced, true);
  expect(properties).toEqual(['always: the last write is there']);
  expect(broken).toBeGreaterThan(0);
  expect(broken).toBeLessThan(60);
});

test('what was synced survives every crash', async () => {
  const synced: Crashed = {
    async write(env) {
      await write(env, 'log', 'kept', true);
      await env.disk.syncDirectory('');
    },
    async read(env) {
      env.always('the write is there', (await content(env, 'log')) === 'kept');
    },
  };
  expect(await afterCrash(synced, true)).toEqual(NOTHING);
});

test('a name that was not synced may go, although its content was', async () => {
  const nameless: Crashed = {
    write: (env) => write(env, 'log', 'kept', true),
    async read(env) {
      env.always('the file is there', (await content(env, 'log')) !== undefined);
    },
  };
  expect((await afterCrash(nameless, true)).properties).toEqual(['always: the file is there']);
  expect(await afterCrash(nameless, false)).toEqual(NOTHING);
});

test('after a rename a crash leaves the old file or the new one, whole', async () => {
  const renamed = (mustBe: readonly unknown[]): Crashed => ({
    async write(env) {
      await write(env, 'log', 'old', true);
      await env.disk.syncDirectory('');
      await write(env, 'log.new', 'new', true);
      await env.disk.rename({ from: 'log.new', to: 'log' });
    },
    async read(env) {
      env.always('old or new', mustBe.includes(await content(env, 'log')));
    },
  });
  expect(await afterCrash(renamed(['old', 'new']), true)).toEqual(NOTHING);
  expect((await afterCrash(renamed(['new']), true)).broken).toBeGreaterThan(0);
  expect((await afterCrash(renamed(['old']), true)).broken).toBeGreaterThan(0);
});

test('the digest tells calls of the same shape apart', async () => {
  const digestOf = (call: (env: Env) => Promise<unknown>): string =>
    trial({ seed: '1', programs: { main: { load: () => (env) => call(env).then(() => {}) } } })
      .digest;
  const calls: readonly ((env: Env) => Promise<unknown>)[] = [
    ({ disk }) => disk.list('a').catch(() => {}),
    ({ disk }) => disk.remove('a').catch(() => {}),
    ({ disk }) => disk.syncDirectory('a').catch(() => {}),
    ({ disk }) => disk.open('a', 'read').catch(() => {}),
    ({ disk }) => disk.makeDirectory('a'),
    ({ disk }) => disk.open('a', 'create'),
  ];
  const digests = await inMacrotask(() => calls.map(digestOf));
  expect(new Set(digests).size).toBe(calls.length);
});
