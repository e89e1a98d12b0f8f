import { expect, onTestFinished, test } from 'vitest';
import type { Campaign, CampaignOptions } from '../explore/campaigns.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { tree } from '../node/fixtures/tree.ts';
import type { SpreadSearch } from './spread.ts';
import type { Target } from './targets.ts';

/** As built: worker processes load it from there. */
async function built<Module>(path: string): Promise<Module> {
  return import(new URL(`../../dist/sim/${path}`, import.meta.url).href);
}
const spreads = await built<typeof import('./spread.ts')>('campaign/spread.js');
const campaigns = await built<typeof import('../explore/campaigns.ts')>('explore/campaigns.js');
const { Workers } = await built<typeof import('./explore.ts')>('campaign/explore.js');
const targets = await built<typeof import('./targets.ts')>('campaign/targets.js');

/** Two nodes that write to their disks, of which one forgets to sync, and a client that asks them. */
const FILES = {
  'keeper.mjs': `export default async (env, { syncs }) => {
  const fail = () => env.process.crash('the disk failed');
  const file = await env.disk.open('kept', 'open-or-create').catch(fail);
  await env.disk.syncDirectory('').catch(fail);
  let kept = (await file.read({ at: 0, bytes: 1 }).catch(fail))[0] ?? 0;
  env.observe('kept', () => kept);
  env.net.serve('add', async () => {
    await file.write(0, Uint8Array.of(kept + 1)).catch(fail);
    if (syncs) await file.sync().catch(fail);
    return ++kept;
  });
};
`,
  'client.mjs': `export default async (env) => {
  let last = 0;
  for (let i = 0; i < 3; i++) {
    try {
      const now = await env.net.call('keeper-1', 'add', null, { timeoutMs: 50 });
      env.always('nothing is forgotten', now > last, { now, last });
      last = now;
    } catch (error) {
      if (error.name !== 'NetError') throw error;
    }
  }
};
`,
  'kept.sim.mjs': `import { scenario } from 'groundhog';
const of = (name, syncs) => scenario({
  name,
  roles: { keeper: { program: './keeper.mjs', count: 2, args: { syncs } }, client: { program: './client.mjs' } },
  faults: 'none',
});
export const right = of('right', true);
export const wrong = of('wrong', false);
`,
};

async function target(name: string): Promise<Target> {
  return targets.loadTarget(await targets.findTarget(name, tree(FILES)));
}

/** What each run came to, whose decisions are kept, and what was covered. */
async function told(search: Campaign | SpreadSearch) {
  const runs: (readonly unknown[])[] = [];
  for await (const {
    result,
    record,
    interleaving,
  } of search.runs() as AsyncIterable<FinishedRun>) {
    runs.push([
      result.digest,
      result.verdict,
      result.failure?.signature,
      interleaving,
      record?.count,
    ]);
  }
  return { runs, end: search.end };
}

function spread(from: Target, options: CampaignOptions, count: number): SpreadSearch {
  const workers = new Workers(count);
  onTestFinished(() => workers.close());
  return new spreads.SpreadSearch(from, options, workers, 0);
}

test.for([
  { name: 'right', strategy: 'faults', depth: 1, runsMax: 1e6 },
  { name: 'right', strategy: 'faults', depth: 2, runsMax: 120 },
  { name: 'wrong', strategy: 'faults', depth: 1, runsMax: 1e6, keepGoing: true },
  { name: 'wrong', strategy: 'dfs', depth: 2, runsMax: 80 },
] as const)(
  'a search of $name by $strategy at depth $depth makes the same runs on any number of workers',
  async ({ name, ...options }) => {
    const from = await target(name);
    const campaign = { ...options, seed: '1' };
    const alone = await told(new campaigns.Campaign(from.subject, campaign));
    expect(alone.runs.length).toBeGreaterThan(20);
    for (const count of [1, 2, 3]) expect(await told(spread(from, campaign, count))).toEqual(alone);
  },
);

test('the first failure in the order of the search ends it, with its decisions', async () => {
  const from = await target('wrong');
  const campaign = { strategy: 'faults', depth: 1, seed: '1', runsMax: 1e6 } as const;
  const alone = await told(new campaigns.Campaign(from.subject, campaign));
  expect(alone.runs.at(-1)).toContain('violated');
  expect(await told(spread(from, campaign, 3))).toEqual(alone);
}, 60_000);

test('a mistake of the user ends it as one', async () => {
  const from = await target('right');
  const workers = new Workers(2);
  onTestFinished(() => workers.close());
  const gone = { ...from, ref: { ...from.ref, name: 'gone' } };
  const search = new spreads.SpreadSearch(
    gone,
    { strategy: 'faults', seed: '1', runsMax: 99 },
    workers,
    0,
  );
  await expect(told(search)).rejects.toMatchObject({ isUserError: true });
}, 60_000);
