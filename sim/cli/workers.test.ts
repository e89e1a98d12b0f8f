import { describe, expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';

// Fails in about 1 of 8 seeds, so that most chunks of a range have a failure.
const FILES = {
  'race.mjs': `let last;
for (let i = 0; i < 5; i++) setTimeout(() => { last = i; }, Math.random() * 10);
await new Promise((done) => setTimeout(done, 50));
if (last === 0 && Math.random() < 0.6) throw new Error('the first was last');`,
};

test('a worker process that is lost is told with its seed, and the others go on', async () => {
  const folder = tree({
    'lost.sim.mjs': `import { scenario } from 'groundhog';
// Taken before worlds run: it is the real one, and ends this process alone, whatever its pid is said to be.
const { abort } = process;
export default scenario({
  name: 'lost',
  roles: { one: { program: './one.mjs' } },
  check: ({ seed }) => seed !== '3' || abort.call(process),
});`,
    'one.mjs': 'export default async (env) => env.timers.sleep(5);',
  });
  const args = ['run', 'lost', '--seeds', '1..10', '--keep-going', '--workers', '1', '--json'];
  const { code, stdout } = await groundhog(args, { cwd: folder });
  const { runs, verdict, failures } = JSON.parse(stdout);
  expect({ code, runs, verdict }).toEqual({
    code: 4,
    runs: 10,
    verdict: 'inconclusive',
  });
  expect(failures).toMatchObject([
    { seed: '3', message: expect.stringMatching(/^the worker process was lost at seed 3: .+/) },
  ]);
});

async function outcome(args: string): Promise<object> {
  const folder = tree(FILES);
  const { stdout } = await groundhog(
    ['run', 'race.mjs', '--json', '--no-shrink', ...args.split(' ')],
    {
      cwd: folder,
    },
  );
  const { wallMs: _, ...rest } = JSON.parse(stdout);
  return rest;
}

test('the lowest failing seed and the digest are the same whatever --workers', async () => {
  const alone = await outcome('--seeds 1..300 --workers 1');
  expect(alone).toMatchObject({
    verdict: 'violated',
    failures: [{ message: 'the first was last' }],
  });
  expect(await outcome('--seeds 1..300 --workers 2')).toEqual(alone);
  expect(await outcome('--seeds 1..300 --workers 3')).toEqual(alone);
});

test('so is everything with --keep-going', async () => {
  const alone = await outcome('--seeds 1..300 --keep-going --workers 1');
  expect(alone).toMatchObject({ runs: 300 });
  expect(await outcome('--seeds 1..300 --keep-going --workers 3')).toEqual(alone);
});

test('digests of parts add up: the whole does not depend on how seeds are dealt', async () => {
  const whole = (await outcome('--seeds 1..40 --keep-going --workers 2')) as {
    failures: { seed: string; digest: string }[];
  };
  const one = whole.failures[0]!;
  const again = (await outcome(`--seed ${one.seed}`)) as typeof whole;
  expect(again.failures).toEqual([one]);
});

describe('what decides a run is the same in the command and in its workers, in any zone and language', () => {
  const SHOWS = `export const shown = () => [
  JSON.stringify(Object.entries(process.env).filter(([name]) => !/^(TZ|LC_ALL)$/.test(name))),
  process.argv.slice(0, 1), process.execArgv, process.title, process.argv0, process.env.TZ,
  process.send, process.connected, process.stdout.isTTY, process.stderr.columns, typeof process.mainModule,
  process.pid, process.ppid,
  new Date(2020, 6).getTime(), new Date(0), new Date('2026-01-01T00:00').getTime(),
  (1234.5).toLocaleString(), new Date(0).toLocaleString(), 'I'.toLocaleLowerCase(),
  ['z', 'ä', 'a'].sort((a, b) => a.localeCompare(b)),
  new Intl.NumberFormat().resolvedOptions().locale, Intl.DateTimeFormat().resolvedOptions().timeZone,
].join('|');`;
  const files = {
    'shows.mjs': SHOWS,
    'file.mjs': `import { shown } from './shows.mjs'; console.log(shown());`,
    'program.mjs': `import { shown } from './shows.mjs'; export default async (env) => env.log.info(shown());`,
    'shows.sim.mjs': `import { scenario } from 'groundhog';
export default scenario({ name: 'shows', roles: { one: { program: './program.mjs' } }, faults: 'none' });`,
  };

  /** Of seeds 2 to 4, in the command itself or in workers. */
  async function digests(
    folder: string,
    name: string,
    env: { [name: string]: string },
  ): Promise<readonly string[]> {
    const ways = ['--seeds 2..4 --workers 1', '--seeds 2..4 --workers 2', '--seed 2'];
    const all: string[] = [];
    for (const way of ways) {
      const args = ['run', name, '--json', ...way.split(' ')];
      const { stdout } = await groundhog(args, { cwd: folder, env });
      const { verdict, digest } = JSON.parse(stdout);
      expect(verdict).toBe('passed');
      all.push(digest);
    }
    return all;
  }

  test.for(['shows', './file.mjs'])('%s', async (name) => {
    const folder = tree(files);
    const [one, two, alone] = await digests(folder, name, {});
    const abroad = await digests(folder, name, { TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8' });
    expect(two).toBe(one);
    expect(abroad).toEqual([one, one, alone]);
    const { stdout } = await groundhog(['replay', name, '--seed', '2', '--json'], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ digest: alone });
  });
});
