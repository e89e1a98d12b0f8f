import { expect, test } from 'vitest';
import { CAMPAIGN_STRATEGIES } from '../choice/search.ts';
import { SEEDED_STRATEGIES } from '../choice/seeded.ts';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';
import { readDocument, typeAll } from './fixtures/document.ts';

const { files, typed, text } = readDocument('strategies.md');

test('the guide to strategies says what is printed', async () => {
  expect(typed.length).toBeGreaterThan(4);
  expect(await typeAll(typed, tree(files))).toEqual(typed);
});

test('the guide has every strategy', () => {
  for (const name of [...SEEDED_STRATEGIES, ...CAMPAIGN_STRATEGIES]) {
    expect(text).toContain(`\`${name}\``);
  }
});

interface Failed {
  readonly digest: string;
  readonly signature: string;
  readonly replay: string;
}

async function json(args: readonly string[], cwd: string) {
  const { code, stdout, stderr } = await groundhog([...args, '--json'], { cwd });
  expect(stderr).toBe('');
  return { code, ...JSON.parse(stdout) };
}

const RUNS = [
  ['torn', 'dpor', []],
  ['torn', 'dfs', []],
  ['torn', 'guided', ['--seeds', '3..400']],
  ['ledger', 'faults', ['--seed', '7']],
  ['ledger', 'guided', ['--seed', 'x', '--faults', 'swarm']],
] as const;

test.each(RUNS)(
  'a failure of %s under %s is replayed from its file',
  async (name, strategy, more) => {
    const cwd = tree(files);
    const run = await json(['run', name, '--strategy', strategy, ...more], cwd);
    expect([run.code, run.verdict]).toEqual([1, 'violated']);
    const [failed]: Failed[] = run.failures;
    const [, , ...replay] = failed!.replay.split(' ');
    expect(replay).toEqual(['replay', expect.stringMatching(/^\.groundhog\/runs\/.+\.ghr$/)]);
    const again = await json([...replay, '--twice'], cwd);
    expect(again.failures).toMatchObject([
      { digest: failed!.digest, signature: failed!.signature },
    ]);
    const { used, total } = again.fit;
    expect(used).toBe(total);
  },
);

test('a campaign is the same whatever the number of workers', async () => {
  const cwd = tree(files);
  const args = ['run', 'ledger', '--strategy', 'faults', '--seeds', '2..3', '--keep-going'];
  const outcome = async (workers: string) => {
    const { wallMs: _, ...run } = await json([...args, '--workers', workers], cwd);
    return run;
  };
  const one = await outcome('1');
  expect(await outcome('3')).toEqual(one);
  expect(one.seeds).toBe('2..3');
  expect(one.failures.length).toBeGreaterThan(2);
  const { search } = one.coverage;
  expect(search).toMatchObject({ complete: true, depth: 1, abandoned: 0 });
  expect(search.points.met).toBeGreaterThan(search.points.known);
});

test('what was covered is in the JSON of seeds, too', async () => {
  const { coverage } = await json(['run', 'atomic', '--seeds', '200'], tree(files));
  expect(coverage).toMatchObject({ interleavings: expect.any(Number), exhaustive: false });
  expect(coverage.failureChanceBelow).toBeCloseTo(0.0149, 3);
  expect(coverage.chanceOfNew).toBe(coverage.metOnce / 200);
  const all = await json(['run', 'atomic', '--strategy', 'dpor'], tree(files));
  expect(all).toMatchObject({
    runs: 90,
    coverage: {
      interleavings: 90,
      chanceOfNew: null,
      failureChanceBelow: null,
      exhaustive: true,
      search: { complete: true, depth: null, abandoned: 0 },
    },
  });
});

test('a search that was cut short says so', async () => {
  const { coverage, runs } = await json(
    ['run', 'atomic', '--strategy', 'dfs', '--seeds', '20'],
    tree(files),
  );
  expect([runs, coverage.exhaustive, coverage.search.complete]).toEqual([20, false, false]);
});

test('of searches that were cut short it is told how many seeds had one', async () => {
  const cwd = tree({ 'draws.mjs': 'for (let i = 0; i < 40; i++) setTimeout(() => {}, i);' });
  const args = ['run', './draws.mjs', '--strategy', 'dfs', '--seeds', '30', '--budget', '1s'];
  const { stdout } = await groundhog(args, { cwd });
  expect(stdout).toContain('time was up');
  expect(stdout).toMatch(/one after another: 1 of 30 seeds begun, 0 to the end\.$/m);
  const { coverage } = await json(args, cwd);
  expect(coverage.search.seeds).toEqual({ of: 30, begun: 1, complete: 0 });
});

// It fails when the loop is half as late as it may be, or more.
const LATE = {
  'late.mjs': `const began = performance.now();
await new Promise((done) => setTimeout(done, 10));
if (performance.now() - began > 10.5) throw new Error('late');`,
};

test('dfs of a plain file comes to the last moment at which a timer may fire', async () => {
  const cwd = tree(LATE);
  const run = await json(['run', './late.mjs', '--strategy', 'dfs', '--seed', '3'], cwd);
  expect([run.verdict, run.failures[0].message]).toEqual(['violated', 'late']);
  expect(run.runs).toBeLessThan(10);
});

test('where no fault could strike a scenario is vacuous, and a file passes with a note', async () => {
  const cwd = tree({ 'idle.mjs': 'export {};', ...files });
  const file = await groundhog(['run', './idle.mjs', '--strategy', 'faults', '--seed', '3'], {
    cwd,
  });
  expect(file.stdout).toContain('  no fault could be placed: nobody serves others');
  expect(file.code).toBe(0);
  const scenario = await json(['run', 'safe', '--strategy', 'faults', '--seed', '3'], cwd);
  expect([scenario.code, scenario.verdict]).toEqual([4, 'vacuous']);
});

test('a program that keeps something from run to run ends a search, with what it may be', async () => {
  const cwd = tree({
    'kept.sim.mjs': `import { cell, threads } from 'groundhog/threads';
let runs = 0;
export const kept = threads({
  name: 'kept',
  setup: () => ({ sum: cell(0) }),
  threads: {
    adder: {
      count: 2,
      *body({ sum }) {
        runs++;
        for (let i = 0; i < runs % 3; i++) yield sum.add(1);
      },
    },
  },
});`,
  });
  for (const strategy of ['dfs', 'dpor']) {
    const command = ['run', 'kept', '--strategy', strategy];
    const { code, stderr } = await groundhog(command, { cwd, alone: true });
    expect(stderr).toMatch(/^groundhog: the same decisions led to other questions.*\n$/);
    expect(code).toBe(3);
  }
});

test.each([
  ['run ledger --strategy dpor', "'dpor' is for programs of threads alone"],
  ['run torn --strategy faults', 'without a disk or a node that could fail'],
  ['run torn --strategy dfs --seeds 5..9', 'in which no seed has a part'],
  ['run torn --strategy dpor --depth 2', "'dpor' has no depth"],
  ['run torn --depth 2', "'random' makes a run of each seed: --depth is for dfs and faults"],
  ['run torn --strategy fault', "no strategy is named 'fault'; did you mean 'faults'?"],
  ['replay torn --seed 1 --strategy dfs', "'dfs' is a campaign of `groundhog run`"],
  ['live torn', 'is a program of threads'],
])('%s is refused', async (line, message) => {
  const { code, stdout, stderr } = await groundhog(line.split(' '), { cwd: tree(files) });
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect([code, stdout]).toEqual([2, '']);
});

test('threads are run by the portfolio unless told, and what is printed says what was told', async () => {
  const cwd = tree(files);
  const commandOf = async (...args: string[]): Promise<string> => {
    const { stdout } = await groundhog(['run', 'torn', '--seeds', '100', '--no-shrink', ...args], {
      cwd,
    });
    return stdout.trimEnd().split('\n').at(-1)!.trim();
  };
  const asked = await commandOf('--strategy', 'portfolio');
  expect(asked).toMatch(/^npx groundhog replay torn --seed \d+$/);
  expect(await commandOf()).toBe(asked);
  expect(await commandOf('--strategy', 'random')).toMatch(/ --strategy random$/);
  const [, seed] = /--seed (\d+)/.exec(asked)!;
  const replayed = await groundhog(['replay', 'torn', '--seed', seed!], { cwd });
  expect(replayed.code).toBe(1);
});
