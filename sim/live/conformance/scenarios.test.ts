/** Whole runs: what ends one, and what it is then called, is the same in simulation and live. */
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Env, Program } from '../../env/env.ts';
import { runOne } from '../../explore/runner.ts';
import { WorldSubject } from '../../explore/world-run.ts';
import { type Scenario, type ScenarioOptions, scenarioAt } from '../../scenario/scenario.ts';
import { live } from '../live.ts';

interface Outcome {
  readonly verdict: string;
  readonly property: string | undefined;
  readonly message: string | undefined;
  readonly nodes: readonly string[];
  readonly sometimes: readonly (readonly [string, boolean])[];
}

const PROGRAMS = '../fixtures/programs.mjs';
const modules = (await import(PROGRAMS)) as { [name: string]: Program };

const ENDLESS = new Set(['waitsForEver', 'neverHolds']);

function scenarioOf(program: string, options: Partial<ScenarioOptions> = {}): Scenario {
  return scenarioAt(
    {
      name: 'one-program',
      roles: { one: { program: `${PROGRAMS}#${program}` } },
      faults: 'none',
      // Of those that do not end, nobody waits for long.
      livenessMs: ENDLESS.has(program) ? 400 : 20_000,
      ...options,
    },
    import.meta.filename,
  );
}

async function simulated(scenario: Scenario): Promise<Outcome> {
  const { faults, timeline, forMs, livenessMs, check } = scenario;
  const subject = new WorldSubject({
    name: scenario.name,
    faults,
    timeline,
    forMs,
    livenessMs,
    check,
    populate(world) {
      for (const [role, { program, args }] of scenario.roles) {
        const run = modules[program.split('#')[1]!]!;
        const load = () => (env: Env, plain: typeof args) => run(env, plain);
        world.addNode({ name: `${role}-1`, role, index: 1, program: { load }, args });
      }
    },
  });
  const { result } = await runOne(subject, { seed: '1', strategy: 'random' });
  return outcomeOf(result.verdict, result.failure, result.sometimes);
}

async function alive(scenario: Scenario): Promise<Outcome> {
  const result = await live(scenario, { forMs: 60, kills: 'none' });
  if (result.directory !== undefined) rmSync(result.directory, { recursive: true });
  return outcomeOf(result.verdict, result.failure, result.sometimes);
}

function outcomeOf(
  verdict: string,
  failure: { property: string; message: string; nodes: readonly string[] } | undefined,
  sometimes: Outcome['sometimes'],
): Outcome {
  const { property, message, nodes = [] } = failure ?? {};
  const byName = [...sometimes].sort(([a], [b]) => (a < b ? -1 : 1));
  return { verdict, property, message, nodes, sometimes: byName };
}

const passed = { verdict: 'passed' };
const violated = (property: string, message: string | RegExp) => ({
  verdict: 'violated',
  property,
  message: typeof message === 'string' ? message : expect.stringMatching(message),
  nodes: ['one-1'],
});

const ENDS: readonly (readonly [program: string, outcome: object])[] = [
  ['returns', passed],
  ['exitsWith0', passed],
  ['goesOnAfterExit', passed],
  ['goesOnAfterCrash', { ...passed, sometimes: [] }],
  ['exitsWith256', violated('exit code', 'exited with code 256')],
  ['throwsAtOnce', violated('uncaught TypeError', 'at once')],
  ['rejects', violated('uncaught RangeError', 'later')],
  ['throwsInTimer', violated('uncaught SyntaxError', 'in a timer')],
  ['rejectsUnheard', violated('uncaught rejection', 'not an Error: no error')],
  ['breaksAlways', violated('always: numbers.add-up', '1 + 1 is not 3')],
  ['reachesUnreachable', violated('unreachable: nobody.comes-here', 'was reached')],
  ['waitsForEver', violated('liveness', /^one-1 had not finished 400 ms after /)],
  ['neverHolds', violated('eventually: never.holds', 'does not hold at the end')],
  ['holdsLater', passed],
  ['crashesOnce', passed],
  [
    'passesBy',
    {
      verdict: 'passed',
      sometimes: [
        ['seen.later', true],
        ['seen.never', false],
        ['seen.reachable', true],
      ],
    },
  ],
];

const WAYS = [
  ['simulated', simulated, test],
  // Processes mostly wait for each other, so several runs at a time take no longer than one.
  ['live', alive, test.concurrent],
] as const;

for (const [name, run, testWay] of WAYS) {
  testWay.each(ENDS)(
    `a program that %s ends a run as it should, ${name}`,
    async (program, outcome) => {
      expect(await run(scenarioOf(program))).toMatchObject(outcome);
    },
  );

  testWay(`what a node shows at the end reaches the check, ${name}`, async () => {
    const seen: unknown[] = [];
    const check = ({ observed }: { observed: unknown }) => {
      seen.push(observed);
      return true;
    };
    await run(scenarioOf('passesBy', { check }));
    expect(seen).toEqual([{ 'one-1': { bytes: new Uint8Array([1, 2]) } }]);
  });

  testWay(`what an ended process calls is in no history, ${name}`, async () => {
    const check = ({ history }: { history: readonly unknown[] }) => history.length === 1;
    expect(await run(scenarioOf('goesOnAfterCrash', { check }))).toMatchObject(passed);
  });

  testWay(`a restarted node counts its incarnations, ${name}`, async () => {
    const check = ({ observed }: { observed: unknown }) => {
      expect(observed).toEqual({ 'one-1': { incarnation: 1 } });
      return true;
    };
    expect(await run(scenarioOf('crashesOnce', { check }))).toMatchObject(passed);
  });

  testWay(`a check fails a run by false, by throwing and by its verdict, ${name}`, async () => {
    const verdict = { model: 'm', reason: 'why', anomalies: [], operations: 0, steps: 0 };
    for (const [check, outcome] of [
      [
        () => false,
        { verdict: 'violated', property: 'check', message: 'the check returned false' },
      ],
      [
        async () => {
          throw new Error('words');
        },
        { verdict: 'violated', property: 'check', message: 'words' },
      ],
      [
        () => ({ ...verdict, verdict: 'invalid' }) as const,
        { verdict: 'violated', property: 'check: m', message: 'the history is invalid' },
      ],
      [() => ({ ...verdict, verdict: 'unknown' }) as const, { verdict: 'inconclusive' }],
      [() => true, passed],
    ] as const) {
      expect(await run(scenarioOf('returns', { check }))).toMatchObject(outcome);
    }
  });
}
