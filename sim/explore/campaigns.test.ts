import { describe, expect, test } from 'vitest';
import { Replay } from '../choice/replay.ts';
import type { CampaignStrategy } from '../choice/search.ts';
import type { Disk } from '../env/disk.ts';
import type { Program } from '../env/env.ts';
import type { Offset } from '../env/memory.ts';
import { exploreThreads } from '../threads/explore.ts';
import { cell } from '../threads/objects.ts';
import { type ThreadsProgram, threads } from '../threads/program.ts';
import { Campaign, type CampaignEnd, type CampaignOptions } from './campaigns.ts';
import { broken } from './fixtures/explored.ts';
import { type FinishedRun, runOne } from './runner.ts';
import type { Subject } from './subject.ts';
import { bodySubject } from './test-world.ts';
import { threadsSubject } from './threads-subject.ts';
import { WorldSubject } from './world-run.ts';

type Given = Partial<CampaignOptions> & { readonly strategy: CampaignStrategy };

interface Done extends CampaignEnd {
  readonly runs: readonly FinishedRun[];
  readonly classes: number;
}

async function done(subject: Subject, given: Given): Promise<Done> {
  const campaign = new Campaign(subject, { seed: '1', runsMax: 100_000, ...given });
  const runs: FinishedRun[] = [];
  for await (const run of campaign.runs()) runs.push(run);
  const classes = new Set(runs.flatMap(({ interleaving }) => interleaving ?? [])).size;
  return { runs, classes, ...campaign.end };
}

function failures({ runs }: Done): string[] {
  return runs.flatMap(({ result }) => result.failure?.property ?? []);
}

const counting = (count: number, atomic: boolean): ThreadsProgram<unknown> =>
  threads({
    name: 'counting',
    setup: () => ({ sum: cell(0) }),
    threads: {
      adder: {
        count,
        *body({ sum }) {
          if (atomic) yield sum.add(1);
          else yield sum.store((yield* sum.load()) + 1);
        },
      },
    },
    check({ sum }) {
      if (sum.value !== count) throw new Error(`${sum.value} of ${count}`);
    },
  });

describe('of threads', () => {
  test.each(['dfs', 'dpor'] as const)(
    '%s makes the runs that exploreThreads makes',
    async (strategy) => {
      const program = counting(4, true);
      const all = await done(threadsSubject(program), { strategy });
      const { runs, coverage, abandoned, complete } = exploreThreads(program, { strategy });
      expect(all.runs).toHaveLength(runs);
      expect(all.classes).toBe(coverage.classes);
      expect(all.runs.filter(({ interleaving }) => interleaving === undefined)).toHaveLength(
        abandoned,
      );
      expect([all.complete, all.exhaustive]).toEqual([complete, true]);
    },
  );

  test('a bound on preemptions leaves something out, and says so', async () => {
    const subject = threadsSubject(counting(3, false));
    const bounded = await done(subject, { strategy: 'dfs', depth: 0 });
    expect(failures(bounded)).toEqual([]);
    expect([bounded.complete, bounded.exhaustive]).toEqual([true, false]);
    expect(failures(await done(subject, { strategy: 'dfs', depth: 1 }))).toEqual(['check']);
  });

  test('the failure ends the campaign, and its record makes it again', async () => {
    const subject = threadsSubject(counting(2, false));
    for (const strategy of ['dfs', 'dpor', 'guided'] as const) {
      const { runs, exhaustive } = await done(subject, { strategy });
      const { result, record } = runs.at(-1)!;
      expect([result.verdict, exhaustive]).toEqual(['violated', false]);
      const again = await runOne(subject, { seed: '1', strategy, replay: new Replay(record!) });
      expect(again.result.digest).toBe(result.digest);
    }
  });

  // Both loads before both stores: in 4 of 6 schedules, which are 2 classes.
  test.each([
    ['dfs', 4],
    ['dpor', 2],
  ] as const)('going on after failures, %s finds all %s', async (strategy, count) => {
    const subject = threadsSubject(counting(2, false));
    const all = await done(subject, { strategy, keepGoing: true });
    expect(failures(all)).toHaveLength(count);
    expect(all.exhaustive).toBe(true);
  });

  test('faults are refused', () => {
    expect(
      () =>
        new Campaign(threadsSubject(counting(2, true)), {
          strategy: 'faults',
          seed: '1',
          runsMax: 1,
        }),
    ).toThrow(/without a disk or a node/);
  });
});

/** One of two nodes tells the other that it may read, after it has written. */
const handOver = (ordered: boolean): Subject =>
  bodySubject('hand over', { faults: 'none', forMs: 1_000 }, async ({ node, env }) => {
    let written = false;
    let seen = true;
    node('writer', async ({ timers }) => {
      await timers.sleep(1);
      written = true;
    });
    node('reader', async ({ timers }) => {
      await timers.sleep(ordered ? 3 : 1);
      seen = written;
    });
    await env.timers.sleep(10);
    if (!seen) throw new Error('read before it was written');
  });

describe('dfs of a world', () => {
  test('comes to the order that fails, and to none where there is none', async () => {
    expect(failures(await done(handOver(false), { strategy: 'dfs' }))).toHaveLength(1);
    const right = await done(handOver(true), { strategy: 'dfs' });
    expect(failures(right)).toEqual([]);
    expect([right.complete, right.exhaustive]).toEqual([true, false]);
  });

  test('dpor is refused, for steps that read a clock', () => {
    const options = { strategy: 'dpor', seed: '1', runsMax: 1 } as const;
    expect(() => new Campaign(handOver(true), options)).toThrow(/programs of threads alone/);
  });
});

const BYTES = 4;

async function stored(disk: Disk, path: string): Promise<number> {
  const file = await disk.open(path, 'open-or-create');
  const bytes = await file.read({ at: 0, bytes: BYTES });
  await file.close();
  return bytes.length === 0 ? 0 : new DataView(bytes.buffer).getInt32(0);
}

async function store(disk: Disk, path: string, amount: number): Promise<void> {
  const file = await disk.open(path, 'open-or-create');
  const bytes = new Uint8Array(BYTES);
  new DataView(bytes.buffer).setInt32(0, amount);
  await file.write(0, bytes);
  await file.sync();
  await file.close();
}

/**
 * Moves 1 from one account to another, once, at some time of a long day. The mistake: two files, and
 * no log of what is under way; `logged` has one.
 */
const bank =
  (logged: boolean): Program =>
  async ({ disk, net, observe }) => {
    const from = await stored(disk, 'from');
    const to = await stored(disk, 'to');
    const log = logged ? await stored(disk, 'log') : 0;
    const balances = { from, to };
    await store(disk, 'to', 0 + to);
    await disk.syncDirectory('');
    observe('balances', () => ({ ...balances }));
    const move = async (): Promise<void> => {
      await store(disk, 'from', balances.from);
      await store(disk, 'to', balances.to);
    };
    if (log !== 0) {
      Object.assign(balances, { from: -log, to: log });
      await move();
    }
    net.serve('sum', () => balances.from + balances.to);
    net.serve('move', async () => {
      balances.from -= 1;
      balances.to += 1;
      if (logged) {
        await store(disk, 'log', balances.to);
        await disk.syncDirectory('');
      }
      await move();
      return null;
    });
  };

const customer: Program = async ({ net, random, timers, always }) => {
  await timers.sleep(random.integer('when', { min: 1_000, max: 50_000 }));
  await net.call('bank-1', 'move', null, { timeoutMs: 500 }).catch(() => {});
  for (;;) {
    await timers.sleep(1_000);
    const sum = await net.call('bank-1', 'sum', null, { timeoutMs: 500 }).catch(() => undefined);
    if (sum === undefined) continue;
    always('nothing is lost', sum === 0, `the sum is ${sum}`);
    return;
  }
};

function twoNodes(first: string, program: Program, second: string, other: Program): WorldSubject {
  return new WorldSubject({
    name: first,
    faults: 'crash',
    timeline: [],
    forMs: 60_000,
    populate(world) {
      for (const [role, run] of [
        [first, program],
        [second, other],
      ] as const) {
        const name = `${role}-1`;
        world.addNode({ name, role, index: 1, args: null, program: { load: () => run } });
      }
    },
  });
}

/** Notes what it is told; the mistake: what it could not write it has noted, too. */
const diary =
  (careful: boolean): Program =>
  async ({ disk, net }) => {
    net.serve('note', async (entry) => {
      try {
        await store(disk, 'entry', entry as number);
      } catch (error) {
        if (careful) throw error;
      }
      return null;
    });
    net.serve('entry', () => stored(disk, 'entry').catch(() => null));
  };

const writer: Program = async ({ net, always }) => {
  const noted = await net.call('diary-1', 'note', 7, { timeoutMs: 500 }).then(
    () => true,
    () => false,
  );
  const entry = await net.call('diary-1', 'entry', null, { timeoutMs: 500 }).catch(() => null);
  if (noted && entry !== null) always('what was noted is there', entry === 7, `it is ${entry}`);
};

/** Copies a list into a pool of native memory; the mistake: a refusal leaves half of it there. */
const shelf =
  (allOrNothing: boolean): Program =>
  async ({ memory, always }) => {
    const pool = memory.pool({ capacityBytes: 1 << 20 });
    const blocks: Offset[] = [];
    try {
      for (let i = 0; i < 5; i++) blocks.push(pool.allocate(100, 'book'));
    } catch {
      if (allOrNothing) for (const block of blocks.splice(0)) pool.free(block);
    }
    always('all or nothing', blocks.length === 0 || blocks.length === 5, `${blocks.length} of 5`);
    for (const block of blocks) pool.free(block);
    pool.close();
  };

const FAULTS = { strategy: 'faults', depth: 1 } as const;

describe('faults', () => {
  // Some hundred crashes strike in a minute, of which 1 ms matters: about 1 seed in 100.
  test('a crash between two writes is found at once, which chance finds rarely', async () => {
    const subject = twoNodes('bank', bank(false), 'customer', customer);
    const all = await done(subject, { ...FAULTS, faults: 'crash' });
    expect(failures(all)).toEqual(['always: nothing is lost']);
    expect(all.runs.length).toBeLessThan(20);
    const drawn = await broken(subject, { seeds: 100 });
    expect(drawn.get('always: nothing is lost') ?? 0).toBeLessThan(10);
  });

  test('with a log of what is under way every crash passes, and no point is left out', async () => {
    const subject = twoNodes('bank', bank(true), 'customer', customer);
    const all = await done(subject, { ...FAULTS, faults: 'crash' });
    expect(failures(all)).toEqual([]);
    expect([all.complete, all.exhaustive]).toEqual([true, false]);
    const { met, known } = all.points!;
    expect(known).toBeGreaterThan(0);
    // The seed's own run, and one for each fate of what a crash finds unsynced.
    expect(all.runs.length).toBeGreaterThanOrEqual(1 + met - known);
  });

  test('an error of the disk is met at each call', async () => {
    const of = (careful: boolean) => twoNodes('diary', diary(careful), 'writer', writer);
    const wrong = await done(of(false), { ...FAULTS, faults: 'disk' });
    expect(failures(wrong)).toEqual(['always: what was noted is there']);
    expect(failures(await done(of(true), { ...FAULTS, faults: 'disk' }))).toEqual([]);
  });

  test('a refusal is met at each allocation', async () => {
    const idle: Program = () => Promise.resolve();
    const of = (right: boolean) => twoNodes('shelf', shelf(right), 'idle', idle);
    const wrong = await done(of(false), { ...FAULTS, faults: 'resource', keepGoing: true });
    // The first refusal leaves nothing, right or wrong.
    expect(failures(wrong)).toEqual(Array(4).fill('always: all or nothing'));
    const right = await done(of(true), { ...FAULTS, faults: 'resource' });
    expect(failures(right)).toEqual([]);
    expect(right.runs).toHaveLength(6);
  });

  test('two faults are placed where one does no harm', async () => {
    const idle: Program = () => Promise.resolve();
    const twice: Program = async ({ memory, always }) => {
      const pool = memory.pool({ capacityBytes: 1 << 20 });
      const allocate = (): number | undefined => {
        try {
          return pool.allocate(100, 'page');
        } catch {
          return undefined;
        }
      };
      const page = allocate() ?? allocate();
      always('a second attempt succeeds', page !== undefined);
      if (page !== undefined) pool.free(page);
      pool.close();
    };
    const subject = twoNodes('pager', twice, 'idle', idle);
    expect(failures(await done(subject, { ...FAULTS, faults: 'resource' }))).toEqual([]);
    const two = await done(subject, { ...FAULTS, faults: 'resource', depth: 2 });
    expect(failures(two)).toEqual(['always: a second attempt succeeds']);
  });

  test('the record of a failing run has its faults, and makes it again', async () => {
    const subject = twoNodes('bank', bank(false), 'customer', customer);
    const { runs } = await done(subject, { ...FAULTS, faults: 'crash' });
    const { result, record } = runs.at(-1)!;
    const spec = { seed: '1', strategy: 'faults', faults: 'crash' } as const;
    const again = await runOne(subject, { ...spec, replay: new Replay(record!) });
    expect(again.result.digest).toBe(result.digest);
    const same = await done(subject, { ...FAULTS, faults: 'crash' });
    expect(same.runs.map((run) => run.result.digest)).toEqual(runs.map((run) => run.result.digest));
  });
});
