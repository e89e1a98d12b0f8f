/** `explore` in a vitest of its own, as a user runs it: fixtures/cases.ts. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';

const FOLDER = fileURLToPath(new URL('fixtures', import.meta.url));
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

interface Outcome {
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly failureMessages: readonly string[];
}

async function outcomes(
  options: readonly string[] = [],
  env: { readonly [name: string]: string } = {},
): Promise<Map<string, Outcome>> {
  const printed = await new Promise<string>((resolve) => {
    const command = [VITEST, 'run', '--reporter=json', ...options];
    const settings = { cwd: FOLDER, env: { ...process.env, NO_COLOR: '1', ...env } };
    execFile(process.execPath, command, settings, (_, stdout) => resolve(stdout));
  });
  const { testResults } = JSON.parse(printed) as {
    testResults: { assertionResults: Outcome[] }[];
  };
  return new Map(testResults[0]!.assertionResults.map((outcome) => [outcome.title, outcome]));
}

describe('a run of all', () => {
  let all: Map<string, Outcome>;
  beforeAll(async () => {
    all = await outcomes();
  }, 60_000);

  const status = (title: string): string => all.get(title)!.status;
  const message = (title: string): string => all.get(title)!.failureMessages[0]!;

  test('a failure is a story: property, sentences, seed, and the replay last', () => {
    const told = message('the last copy is sold once');
    const [story] = told.split('\n    at ');
    expect(story!.split('\n')).toEqual([
      'ExplorationError: ✗ the last copy is sold once  seed 2  violated',
      '',
      '  uncaught AssertionError  (test)',
      "  expected [ 'sold', 'sold' ] to have a length of 1 but got 2",
      '',
      '  The smallest story: it fails with every choice at its calmest',
      '',
      '  1.      0.000 ms  test fires the 0 ms timer set at buy (cases.ts:19:22) from cases.ts:22:38',
      '  2.      0.000 ms  test fires the 0 ms timer set at buy (cases.ts:19:22) from cases.ts:22:45',
      '  3.      1.000 ms  shop gets buy() from test',
      '  4.      1.000 ms  shop gets buy() from test',
      '  5.      6.000 ms  shop fires the 5 ms timer set at cases.ts:13:20',
      '  6.      6.000 ms  shop fires the 5 ms timer set at cases.ts:13:20',
      '  7.      7.000 ms  test hears from shop: buy returns "sold"',
      '  8.      7.000 ms  test hears from shop: buy returns "sold"',
      '',
      "  GROUNDHOG_SEED=2 npx vitest run cases.ts -t 'the last copy is sold once'",
    ]);
    expect(told).toMatch(/at .*cases\.ts:23:\d+/);
  });

  test('what holds passes, with closures and with programs', () => {
    expect(status('the last copy is sold once, in one step')).toBe('passed');
    expect(status('it-counts')).toBe('passed');
  });

  test('names of suites and quotes are in the command', () => {
    expect(message("what is 'quoted' fails too")).toContain(
      `-t 'a suite \\(of its own\\) what is '\\''quoted'\\'' fails too'`,
    );
  });

  test('a value that is not plain data is told at the line that gives it', () => {
    const frames = (title: string): string => message(title).split(`-t '${title}'`)[1]!;
    expect(message('a circle is sent')).toContain('500 deep; is there a cycle?');
    expect(frames('a circle is sent')).toMatch(/^\s+at .*cases\.ts:\d+/);
    expect(message('a node gets a circle')).toContain("node 'a': args.self ");
    expect(frames('a node gets a circle')).toMatch(/^\s+at .*cases\.ts:\d+/);
  });

  test('real time is refused, with what to use instead', () => {
    expect(message('it reads the real clock')).toContain('use env.clock.wallMs()');
  });

  test('a step that never yields is a hang with its seed, at the line of the test', () => {
    const told = message('it never yields');
    expect(told).toMatch(
      /seed 1 {2}inconclusive\n\n {2}hang: step \d+ did not yield within 300 ms/,
    );
    expect(told).toMatch(/cases\.ts:47/);
  });

  test('a body that keeps something from run to run diverges', () => {
    expect(message('it keeps a count outside')).toMatch(
      // Seed 1 may run twice before that.
      /seed 11 {2}diverged\n\n {2}seed 11 does not replay: .*kept from one run to the next/,
    );
  });

  test('what decides nothing tests nothing', () => {
    expect(message('it decides nothing')).toContain('every run was the same');
  });

  test('what was never seen fails where it is required', () => {
    expect(message('rare things are asked for')).toContain('none of 5 seeds saw pigs fly');
  });

  test('a body need not wait for anything', () => {
    expect(status('its body returns at once')).toBe('passed');
  });

  test.each([
    ['its seeds are no range', 63, "seeds are a number, as 500, or a range, as 1..500; not 'many'"],
    ['its option has no such name', 64, "there is no option 'sedes'; did you mean 'seeds'?"],
    ['its option has no such value', 65, ", not 'nett'; did you mean 'net'?"],
    ['it has no body', 66, 'takes a function, not undefined'],
  ])('%s: that test alone fails, at its line', (title, line, says) => {
    expect(message(title)).toMatch(/^TypeError: explore/);
    expect(message(title)).toContain(says);
    expect(message(title)).toMatch(new RegExp(`at .*cases\\.ts:${line}:`));
  });

  test("a scenario's check fails the test", () => {
    expect(message('it-counts-too-much')).toContain('the check returned false');
  });

  test('a canary passes by being caught, and fails by silence', () => {
    expect(status('canary-that-sings')).toBe('passed');
    expect(message('canary-that-is-silent')).toContain(
      "'canary-that-is-silent' expects to be violated, and none of 20 seeds was",
    );
  });

  test('plans shrink to the least that fails: one client, twelve additions, no faults', () => {
    const told = message('planned');
    expect(told).toContain('with 1 client\n');
    expect(told.match(/counter-1 gets add/g)).toHaveLength(12);
    expect(told).not.toContain('nemesis');
  });
});

test('the printed command replays: the same test, the same seed, the same story', async () => {
  const again = await outcomes(['-t', 'the last copy is sold once$'], { GROUNDHOG_SEED: '2' });
  expect(again.get('it-counts')!.status).toBe('skipped');
  expect(again.get('the last copy is sold once')!.failureMessages[0]).toContain(
    '1.000 ms  shop gets buy() from test',
  );
}, 60_000);

test('editors find each test at the line where it is explored, and run it by that', async () => {
  const lines = readFileSync(join(FOLDER, 'cases.ts'), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.startsWith("explore('the zone is UTC'")) + 1;
  expect(line).toBeGreaterThan(0);
  const all = await outcomes([`cases.ts:${line}`, '--includeTaskLocation']);
  const ran = [...all.values()].filter(({ status }) => status !== 'skipped');
  expect(ran.map(({ title }) => title)).toEqual(['the zone is UTC']);
}, 60_000);

test('seeds that cannot be read are said so where the tests are collected', async () => {
  const printed = await new Promise<string>((resolve) => {
    const settings = {
      cwd: FOLDER,
      env: { ...process.env, NO_COLOR: '1', GROUNDHOG_SEEDS: '9..1' },
    };
    execFile(process.execPath, [VITEST, 'run'], settings, (_, out, err) => resolve(out + err));
  });
  expect(printed).toContain('GROUNDHOG_SEEDS: the range 9..1 is empty');
}, 60_000);

test.for([
  ['forks', 'Asia/Tokyo', 'passed'],
  ['threads', 'UTC', 'passed'],
  // Its zone cannot be set, which the file's failure says.
  ['threads', 'Asia/Tokyo', undefined],
] as const)(
  'a test of pool %s in %s has the zone UTC, or does not run',
  async ([pool, zone, status]) => {
    const all = await outcomes(['--pool', pool, '-t', 'the zone is UTC'], { TZ: zone });
    expect(all.get('the zone is UTC')?.status).toBe(status);
  },
);
