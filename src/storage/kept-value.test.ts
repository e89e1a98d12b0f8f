import { expect, test } from 'vitest';
import type { Env } from '../../sim/env/env.ts';
import { NetError } from '../../sim/env/net.ts';
import { Campaign } from '../../sim/explore/campaigns.ts';
import { bodySubject } from '../../sim/explore/test-world.ts';
import { DurableRecord } from './durable-record.ts';
import { KeptValue } from './kept-value.ts';

/** Adds one to what is kept, and resolves with the sum. */
type Adds = () => Promise<number>;

/** A node that adds up on request, as `open` makes it; whoever asks is never told a sum twice. */
function adding(open: (env: Env) => Promise<Adds>) {
  return bodySubject('adding', { faults: 'none' }, async ({ env, node }) => {
    node('keeper', async (own) => {
      const add = await open(own);
      own.net.serve('add', add);
    });
    let last = 0;
    for (let i = 0; i < 4; i++) {
      try {
        const sum = Number(await env.net.call('keeper', 'add', null, { timeoutMs: 50 }));
        env.always('a sum is never forgotten', sum > last, `${sum} after ${last}`);
        last = sum;
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        await env.timers.sleep(50);
      }
    }
  });
}

interface Searched {
  readonly runs: number;
  readonly failures: readonly string[];
  readonly told: readonly string[];
}

/** Every run with up to `depth` faults, at whatever points there are. */
async function searched(open: (env: Env) => Promise<Adds>, depth: number): Promise<Searched> {
  const told = new Set<string>();
  const subject = adding((env) => {
    const error = (text: string): void => {
      told.add(text);
      env.log.error(text);
    };
    return open({ ...env, log: { ...env.log, error } });
  });
  const options = {
    strategy: 'faults',
    depth,
    seed: '1',
    runsMax: 3_000,
    keepGoing: true,
  } as const;
  const failures = new Set<string>();
  let runs = 0;
  for await (const { result } of new Campaign(subject, options).runs()) {
    runs++;
    if (result.failure !== undefined)
      failures.add(`${result.failure.property}: ${result.failure.message}`);
  }
  return { runs, failures: [...failures], told: [...told] };
}

async function keeping(env: Env): Promise<Adds> {
  const kept = await KeptValue.open<number>(env, 'sum', 0);
  env.observe('sum', () => kept.get());
  return () => kept.update((sum) => sum + 1);
}

/** Goes on where the disk has failed, as if it had not. */
async function trusting(env: Env): Promise<Adds> {
  const { record, payload } = await DurableRecord.open(env.disk, 'sum');
  let sum = payload?.[0] ?? 0;
  env.observe('sum', () => sum);
  return async () => {
    await record.write(Uint8Array.of(++sum)).catch(() => {});
    return sum;
  };
}

test('at whatever point a fault strikes, or two, a value is kept; a failed disk ends the process, and says so', async () => {
  const { runs, failures, told } = await searched(keeping, 2);
  expect(runs).toBeGreaterThan(100);
  expect(failures).toEqual([]);
  const said = 'sum: the disk failed (io): ends here, to start again from what is on the disk';
  expect(told).toContain(said);
});

test('who trusts a write that has failed forgets it', async () => {
  const { failures } = await searched(trusting, 2);
  expect(failures).toContainEqual(expect.stringContaining('a sum is never forgotten'));
});
