import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test as plainTest, vi } from 'vitest';
import { linearizable, register } from '../check/index.ts';
import type { Run, ScenarioOptions } from '../scenario/scenario.ts';
import { scenarioAt } from '../scenario/scenario.ts';
import { JournalReader } from './journal.ts';
import { type LiveOptions, live } from './live.ts';
import type { LiveEvent } from './live-run.ts';
import type { LiveResult } from './result.ts';

const PROGRAMS = './fixtures/programs.mjs';
const LINEARIZABLE = (run: Run) => linearizable(run.history, register());

/** A place for the runs of one test, which may run beside others. */
class Stage {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'groundhog-test-'));
  /** Unlike that of any run beside this one. */
  readonly scenario: string = basename(this.directory).toLowerCase();

  /** Runs roles given as `program` names of the fixtures, with files below the test's directory. */
  play(
    roles: ScenarioOptions['roles'],
    options: LiveOptions & Pick<ScenarioOptions, 'check'> = {},
  ): Promise<LiveResult> {
    const { check, ...liveOptions } = options;
    const scenario = scenarioAt(
      { name: this.scenario, roles, ...(check && { check }) },
      import.meta.filename,
    );
    return live(scenario, { directory: join(this.directory, 'run'), ...liveOptions });
  }
}

// Nothing here is a matter of speed, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const test = plainTest.extend<{ stage: Stage }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it which fixtures this one needs.
  stage: async ({}, use) => {
    const stage = new Stage();
    await use(stage);
    rmSync(stage.directory, { recursive: true });
  },
}).concurrent;

afterAll(() => {
  expect(childrenOf(process.pid).filter((child) => /host\.js/.test(child.command))).toEqual([]);
});

/** Temporary folders of live runs of the scenario. */
function leftBy(scenario: string): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`groundhog-live-${scenario}-`));
}

interface Child {
  readonly pid: number;
  readonly command: string;
}

/** Running processes whose parent this is. */
function childrenOf(parent: number): Child[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (Number(ppid) !== parent || state === 'Z') return [];
        return [{ pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
      } catch {
        // It has ended since it was listed.
        return [];
      }
    });
}

test('kills come as close as they may, and never leave more than a minority down', async ({
  stage,
}) => {
  const up = new Set<string>();
  let fewestUp = 5;
  const onEvent = ({ node, text }: LiveEvent): void => {
    if (text === 'serves') up.add(node);
    if (text === 'is killed') {
      up.delete(node);
      fewestUp = Math.min(fewestUp, up.size);
    }
  };
  const result = await stage.play(
    { server: { program: `${PROGRAMS}#leavesNote`, count: 5 } },
    { forMs: 1_000, kills: { everyMs: 40 }, onEvent },
  );
  expect(result).toMatchObject({ verdict: 'passed', failure: undefined });
  expect(result.kills).toBeGreaterThan(0);
  expect(result.restarts).toBe(result.kills);
  expect(fewestUp).toBe(3);
});

test('a register that keeps what it acknowledged in memory only is caught', async ({ stage }) => {
  const outcome = async (keeper: string) => {
    const result = await stage.play(
      {
        keeper: { program: `${PROGRAMS}#${keeper}` },
        // It ends, and so the run, once it has seen the keeper go and come back.
        reader: { program: `${PROGRAMS}#readsAcrossRestart` },
      },
      {
        forMs: 20_000,
        kills: { everyMs: 300 },
        check: LINEARIZABLE,
        directory: join(stage.directory, keeper),
      },
    );
    expect(result.kills).toBeGreaterThan(0);
    return { verdict: result.verdict, property: result.failure?.property };
  };
  expect(await outcome('remembers')).toEqual({ verdict: 'passed', property: undefined });
  expect(await outcome('forgets')).toEqual({ verdict: 'violated', property: 'check: register' });
});

test('what a node has recorded is there, whenever it was killed', async ({ stage }) => {
  const lives: number[][] = [];
  const result = await stage.play(
    { counter: { program: `${PROGRAMS}#counts`, count: 3 } },
    {
      forMs: 1_500,
      kills: { everyMs: 400 },
      check: ({ history }) => {
        for (const { process, input, outcome, output } of history) {
          const [incarnation, count] = input as [number, number];
          const life = (lives[Number(process.split('-')[1]) * 100 + incarnation] ??= []);
          life.push(count);
          // Only the last call of a life may have no end.
          if (outcome === 'ok') expect(output).toBe(count);
          else expect(outcome).toBe('unknown');
        }
        return true;
      },
    },
  );
  expect(result).toMatchObject({ verdict: 'passed', failure: undefined });
  expect(result.kills).toBeGreaterThan(0);
  const counted = lives.filter((life) => life.length > 1);
  expect(counted.length).toBeGreaterThan(3);
  for (const life of counted) expect(life).toEqual([...life.keys()]);
});

test('a workload that ends early goes on as a fresh node, the next of its role', async ({
  stage,
}) => {
  const result = await stage.play(
    {
      worker: { program: `${PROGRAMS}#worksBriefly`, count: 2 },
      other: { program: `${PROGRAMS}#returns` },
    },
    {
      forMs: 1_500,
      check: ({ history }) => {
        for (const process of ['worker-1', 'worker-2', 'worker-3']) {
          const inputs = history.filter((call) => call.process === process);
          const index = Number(process.split('-')[1]);
          // What the third had not begun when the time was up, was dropped.
          const all = [0, 1, 2, 3, 4].slice(0, index === 3 ? inputs.length : 5);
          expect(inputs.map(({ input }) => input)).toEqual(all.map((i) => [process, index, i]));
        }
        return true;
      },
    },
  );
  expect(result).toMatchObject({ verdict: 'passed', failure: undefined, kills: 0 });
  expect(result.nodes.map(({ name }) => name)).toContain('worker-3');
  // One that runs no operations is no workload.
  expect(result.nodes.filter(({ role }) => role === 'other')).toHaveLength(1);
});

test('the time begins although a workload that is done keeps starting anew', async ({ stage }) => {
  const result = await stage.play(
    { worker: { program: './fixtures/slow-start.mjs', count: 2 } },
    { forMs: 50, kills: 'none' },
  );
  expect(result).toMatchObject({ verdict: 'passed', reason: undefined });
});

test('a run ends before its time when all has finished and nothing goes on', async ({ stage }) => {
  const result = await stage.play({ one: { program: `${PROGRAMS}#returns` } }, { forMs: 60_000 });
  expect(result).toMatchObject({ verdict: 'passed', interrupted: false });
});

test('a node that is asked to stop has time for it, up to the grace', async ({ stage }) => {
  const result = await stage.play(
    {
      polite: { program: `${PROGRAMS}#leavesNote` },
      stubborn: { program: `${PROGRAMS}#stays` },
    },
    { forMs: 50, kills: 'none', graceMs: 1_000 },
  );
  expect(result.verdict).toBe('passed');
  expect(result.nodes.map(({ name, end }) => [name, end])).toEqual([
    ['polite-1', 'stopped'],
    ['stubborn-1', 'forced'],
  ]);
  expect(existsSync(join(stage.directory, 'run', 'polite-1', 'disk', 'note'))).toBe(true);
});

test('an interrupted run is wound down and judged', async ({ stage }) => {
  const stop = new AbortController();
  const onEvent = ({ kind, text }: LiveEvent): void => {
    if (kind === 'progress' && !text.startsWith('0 operations')) stop.abort();
  };
  const roles = {
    keeper: { program: `${PROGRAMS}#remembers` },
    reader: { program: `${PROGRAMS}#readsForLong` },
  };
  const kills = { everyMs: 300 };
  const options = { forMs: 60_000, kills, signal: stop.signal, onEvent, check: LINEARIZABLE };
  expect(await stage.play(roles, options)).toMatchObject({ verdict: 'passed', interrupted: true });
});

test('a check that reads a history in which nothing came back has judged nothing', async ({
  stage,
}) => {
  const roles = { one: { program: `${PROGRAMS}#returns` } };
  expect(await stage.play(roles, { check: LINEARIZABLE })).toMatchObject({ verdict: 'vacuous' });
});

test('files stay where they were asked for, temporary ones until the run has passed', async ({
  stage,
}) => {
  const temporary = { directory: undefined, forMs: 50 } as unknown as LiveOptions;
  const passed = await stage.play({ one: { program: `${PROGRAMS}#returns` } }, temporary);
  expect(passed).toMatchObject({ verdict: 'passed', directory: undefined });
  expect(leftBy(stage.scenario)).toEqual([]);
  const failed = await stage.play({ one: { program: `${PROGRAMS}#breaksAlways` } }, temporary);
  expect(failed.verdict).toBe('violated');
  const journal = new JournalReader(join(failed.directory!, 'one-1', 'journal.jsonl')).read();
  expect(journal.map(({ is }) => is)).toEqual(['start', 'broken']);
  rmSync(failed.directory!, { recursive: true });
  const kept = await stage.play({ one: { program: `${PROGRAMS}#returns` } }, { forMs: 50 });
  expect(readdirSync(kept.directory!).sort()).toEqual(['hosts', 'one-1']);
});

test.for<[string, string, LiveOptions & { program?: string }]>([
  ['a program that is not there', 'bad-program', { program: './fixtures/none.ts' }],
  ['an export that is not there', 'bad-program', { program: `${PROGRAMS}#none` }],
  ['a class', 'bad-program', { program: `${PROGRAMS}#Program` }],
  ['no time', 'bad-option', { forMs: 0 }],
  ['kills without end', 'bad-option', { kills: { everyMs: 0 } }],
  ['a grace of NaN', 'bad-option', { graceMs: Number.NaN }],
  ['a hang at once', 'bad-option', { hangMs: 0 }],
])('%s is refused as %s before anything is judged', async ([, code, options], { stage }) => {
  const { program = `${PROGRAMS}#returns`, ...liveOptions } = options;
  const run = stage.play({ one: { program } }, { ...liveOptions, directory: undefined as never });
  await expect(run).rejects.toMatchObject({ name: 'LiveError', code });
  expect(leftBy(stage.scenario)).toEqual([]);
});

test('what is no scenario is refused', async () => {
  const closure = async () => {};
  await expect(live(closure as never)).rejects.toMatchObject({ code: 'bad-scenario' });
});

test('a program in TypeScript runs as it is, and its error has its own place', async ({
  stage,
}) => {
  const program = join(stage.directory, 'program.ts');
  writeFileSync(
    program,
    `import type { Env } from 'groundhog';
import { NetError } from 'groundhog';
export async function asks(env: Env): Promise<void> {
  const failure: unknown = await env.net.lookup('nobody').catch((error: unknown) => error);
  env.always('error.is-ours', failure instanceof NetError);
}
export function fails(): never {
  throw new RangeError('too far');
}
`,
  );
  const asks = await stage.play({ one: { program: `${program}#asks` } });
  expect(asks).toMatchObject({ verdict: 'passed', failure: undefined });
  const elsewhere = { directory: join(stage.directory, 'again') };
  const { failure } = await stage.play({ one: { program: `${program}#fails` } }, elsewhere);
  expect(failure).toMatchObject({ property: 'uncaught RangeError', message: 'too far' });
  expect(failure!.stack).toContain('program.ts:8:9');
});

test.for<[string, string | undefined]>([
  ['counts', undefined],
  ['forgets-join', 'uncaught RangeError: seen by nobody'],
  ['deadlocks', 'uncaught ThreadsError: left waits for b, which right holds'],
])('threads of a node: %s', async ([name, failure], { stage }) => {
  const result = await stage.play({ one: { program: './fixtures/threads.mjs', args: name } });
  const { property, message } = result.failure ?? {};
  expect(property && `${property}: ${message}`).toEqual(
    failure && expect.stringContaining(failure),
  );
  expect(result.verdict).toBe(failure === undefined ? 'passed' : 'violated');
});

test('a folder that is not empty is not written to', async ({ stage }) => {
  const run = stage.play({ one: { program: `${PROGRAMS}#returns` } }, { directory: process.cwd() });
  await expect(run).rejects.toMatchObject({ name: 'LiveError', code: 'bad-option' });
});

test('a node that never comes back to its loop makes a run inconclusive, and is killed', async ({
  stage,
}) => {
  const result = await stage.play(
    { one: { program: `${PROGRAMS}#hangs` } },
    // It hangs 20 ms after it has begun, and must have done so before it is asked to stop.
    { forMs: 1_000, kills: 'none', hangMs: 1_000 },
  );
  expect(result).toMatchObject({
    verdict: 'inconclusive',
    reason: 'hang: one-1 did not answer within 1000 ms',
  });
});

interface Supervised {
  readonly supervisor: ChildProcess;
  readonly nodes: readonly number[];
  /** Lines of its standard output, and of its standard error. */
  readonly said: readonly string[];
  readonly logged: readonly string[];
}

/** A supervisor in a process group of its own, once its nodes run. */
async function supervised({ directory }: Stage): Promise<Supervised> {
  const script = join(import.meta.dirname, 'fixtures', 'supervisor.mjs');
  const supervisor = spawn(process.execPath, [script, join(directory, 'run')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const said: string[] = [];
  const logged: string[] = [];
  createInterface({ input: supervisor.stdout! }).on('line', (line) => said.push(line));
  createInterface({ input: supervisor.stderr! }).on('line', (line) => logged.push(line));
  await vi.waitFor(() => expect(said).toContain(' 3 processes run'), { timeout: 30_000 });
  const nodes = childrenOf(supervisor.pid!).map(({ pid }) => pid);
  expect(nodes).toHaveLength(3);
  return { supervisor, nodes, said, logged };
}

test('no node outlives a supervisor that is killed', async ({ stage }) => {
  const { supervisor, nodes } = await supervised(stage);
  supervisor.kill('SIGKILL');
  await vi.waitFor(() => expect(nodes.filter(isRunning)).toEqual([]), { timeout: 30_000 });
});

test('Ctrl-C stops the supervisor, which asks the nodes to stop', async ({ stage }) => {
  const { supervisor, nodes, said, logged } = await supervised(stage);
  process.kill(-supervisor.pid!, 'SIGINT');
  const [code] = await once(supervisor, 'close');
  expect(code).toBe(0);
  expect(said.at(-1)).toBe('passed, interrupted');
  const note =
    /^ +\d+\.\d{3} s {2}(server-\d) {2}info: leaves a note \{"bytes":\{"\$bytes":"Bw=="\}\}$/;
  expect(logged.map((line) => note.exec(line)?.[1]).sort()).toEqual([
    'server-1',
    'server-2',
    'server-3',
  ]);
  for (const name of ['server-1', 'server-2', 'server-3']) {
    expect(existsSync(join(stage.directory, 'run', name, 'disk', 'note'))).toBe(true);
  }
  expect(nodes.filter(isRunning)).toEqual([]);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
