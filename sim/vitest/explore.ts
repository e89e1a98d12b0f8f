/** `explore` registers a test that runs a scenario, or a body, once per seed. */
import { relative } from 'node:path';
import type { Arbitrary } from 'fast-check';
import { type TestContext, test } from 'vitest';
import { provided } from '../campaign/provided.ts';
import { isSeeded, notSeeded, type SeededStrategy } from '../choice/seeded.ts';
import { withReason } from '../explore/loading.ts';
import { parseSeeds, type SeedRange, SeedsError } from '../explore/seeds.ts';
import type { Plan } from '../explore/subject.ts';
import { scenarioSubject } from '../explore/subjects.ts';
import { type BodyOptions, bodySubject, type TestBody } from '../explore/test-world.ts';
import { PRESET_NAMES } from '../fault/presets.ts';
import { liveInUtc } from '../node/guard/surroundings.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import { Scenario } from '../scenario/scenario.ts';
import { keepStory } from '../tell/kept.ts';
import { quoted, replayCommand } from '../tell/replay-command.ts';
import { unknownOption, unknownValue, written } from '../trace/did-you-mean.ts';
import { type Experiment, framesIn, perform, pointing } from './experiment.ts';

// Now, for the dates at the top level of the test file.
liveInUtc();

export interface ExploreOptions {
  /**
   * `500` for seeds 1 to 500, or a range `'200..300'`. Default 100. `GROUNDHOG_SEEDS` in the
   * environment takes its place, and `GROUNDHOG_SEED` runs one seed.
   */
  readonly seeds?: number | string;
  /** Default `random`. */
  readonly strategy?: SeededStrategy;
  /** In place of the scenario's own; of a body, default `calm`. */
  readonly faults?: FaultPreset;
  /** Real ms after which no further seed begins. Default: all seeds run. */
  readonly budgetMs?: number;
  /** A `sometimes` or `reachable` that no seed saw fails the test. */
  readonly requireSometimes?: boolean;
  /** Real ms after which one step counts as a hang. Default 5,000. */
  readonly hangMs?: number;
  /** The first failure is shrunk, for 10 s at most. Default true. */
  readonly shrink?: boolean;
}

interface ScenarioOptions extends ExploreOptions {
  /** What each seed changes of the scenario, drawn from the seed; see `plans`. */
  readonly plans?: Arbitrary<Plan>;
}

export interface ExploreBody extends ExploreOptions, BodyOptions {}

/**
 * Fails with the story of the lowest failing seed: what was violated, the smallest run that still
 * violates it in numbered sentences, and the command that replays it. A scenario that expects to be
 * violated fails when no seed is.
 */
export interface Explore {
  (scenario: Scenario, options?: ScenarioOptions): void;
  /**
   * The body starts nodes and awaits what it expects of them; what it throws is the failure. All in
   * it happens in virtual time.
   */
  (name: string, options: ExploreBody, body: TestBody): void;
  (name: string, body: TestBody): void;
}

type Registered = (
  name: string,
  options: object,
  run: (context: TestContext) => Promise<void>,
) => void;

export const explore: Explore & { readonly only: Explore; readonly skip: Explore } = Object.assign(
  registering(test),
  { only: registering(test.only), skip: registering(test.skip) },
);

function registering(register: Registered): Explore {
  return function exploreHere(what: Scenario | string, ...rest: unknown[]) {
    const here: { stack?: string } = {};
    Error.captureStackTrace(here, exploreHere);
    const frames = framesIn(here.stack ?? '');
    const [name, prepare] = typeof what === 'string' ? ofBody(what, rest) : ofScenario(what, rest);
    // The end of the story is not the test runner's to set: seeds, budgets and hang limits are.
    register(name, { timeout: 0 }, async (context) => {
      await perform({ ...(await prepare(context, frames)), frames }, context.signal);
    });
  };
}

/** `frames`: where `explore` was called. */
type Prepare = (context: TestContext, frames: string) => Promise<Omit<Experiment, 'frames'>>;

function ofScenario(scenario: Scenario, rest: readonly unknown[]): [string, Prepare] {
  if (!(scenario instanceof Scenario)) {
    throw new TypeError(
      `explore takes a scenario or a name, not ${written(scenario)}; is it what scenario(…) returned?`,
    );
  }
  const options = (rest[0] ?? {}) as ScenarioOptions;
  const ref = { kind: 'scenario', file: scenario.file, name: scenario.name } as const;
  const asked = seedsAsked();
  return [
    scenario.name,
    async (context, frames) => {
      const how = checked(scenario.name, options, asked, [...KNOWN, 'plans'], frames);
      const modules = await provided();
      const subject = await withReason(() => scenarioSubject(scenario, modules), modules);
      // What the command line does not find by its name is replayed by its test.
      const typed = { ...how, ...(how.hangMs !== undefined && { hang: how.hangMs }) };
      const found = /\.sim\.[cm]?[jt]s$/.test(scenario.file) && options.plans === undefined;
      return {
        ...how,
        subject,
        expect: scenario.expect,
        timeline: scenario.timeline,
        plans: options.plans,
        replay: (seed) => (found ? replayCommand(ref, seed, typed) : testCommand(context, seed)),
        keep: found
          ? (story) => keepStory({ ref, subject, scenario }, how, story, new Date())
          : undefined,
      };
    },
  ];
}

function ofBody(name: string, rest: readonly unknown[]): [string, Prepare] {
  const body = rest.at(-1);
  const options = (rest.length > 1 ? rest[0] : {}) as ExploreBody;
  const asked = seedsAsked();
  return [
    name,
    async (context, frames) => {
      if (typeof body !== 'function') {
        const takes = `explore('${name}', options, async (world) => …) takes a function`;
        throw pointing(new TypeError(`${takes}, not ${written(body)}`), frames);
      }
      return {
        ...checked(name, options, asked, [...KNOWN, 'forMs'], frames),
        subject: bodySubject(name, options, body as TestBody),
        expect: 'passed',
        timeline: [],
        plans: undefined,
        replay: (seed) => testCommand(context, seed),
        keep: undefined,
      };
    },
  ];
}

type Checked = Omit<
  Experiment,
  'frames' | 'subject' | 'expect' | 'replay' | 'keep' | 'plans' | 'timeline'
>;

const KNOWN = [
  'seeds',
  'strategy',
  'faults',
  'budgetMs',
  'hangMs',
  'requireSometimes',
  'shrink',
] as const satisfies readonly (keyof ExploreOptions)[];

/**
 * What is wrong with a test's options fails that test, at its line.
 *
 * @throws TypeError
 */
function checked(
  name: string,
  options: ExploreOptions,
  asked: SeedRange | string | undefined,
  known: readonly (keyof ExploreBody | keyof ScenarioOptions)[],
  frames: string,
): Checked {
  const { strategy = 'random', faults, budgetMs, hangMs, seeds = 100 } = options;
  const range = asked ?? rangeOf(seeds);
  const problem =
    unknownOption(options, known) ??
    unknownValue('faults', faults, PRESET_NAMES) ??
    (isSeeded(strategy) ? undefined : notSeeded(strategy)) ??
    (range instanceof SeedsError ? range.message : undefined);
  if (problem !== undefined || range instanceof SeedsError) {
    throw pointing(new TypeError(`explore '${name}': ${problem}`), frames);
  }
  return {
    name,
    seeds: range,
    strategy,
    ...(faults && { faults }),
    ...(budgetMs !== undefined && { budgetMs }),
    ...(hangMs !== undefined && { hangMs }),
    requireSometimes: options.requireSometimes === true,
    shrink: options.shrink !== false,
  };
}

/**
 * Those of the environment, which an engineer sets for one run, before the test's own. They are of
 * no test, so what is wrong with them is said where tests are collected.
 */
function seedsAsked(): SeedRange | string | undefined {
  const { GROUNDHOG_SEED: seed, GROUNDHOG_SEEDS: seeds } = process.env;
  if (seed !== undefined && seed !== '') return seed;
  if (seeds === undefined || seeds === '') return undefined;
  const range = rangeOf(seeds);
  if (range instanceof SeedsError) throw new TypeError(`GROUNDHOG_SEEDS: ${range.message}`);
  return range;
}

function rangeOf(seeds: number | string): SeedRange | SeedsError {
  try {
    return parseSeeds(String(seeds));
  } catch (error) {
    if (error instanceof SeedsError) return error;
    throw error;
  }
}

/** `GROUNDHOG_SEED=7 npx vitest run test/race.test.ts -t 'one winner'` */
function testCommand({ task }: TestContext, seed: string): string {
  const file = relative(process.cwd(), task.file.filepath);
  const names = [task.name];
  for (let suite = task.suite; suite !== undefined; suite = suite.suite) names.unshift(suite.name);
  const pattern = names.join(' ').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return `GROUNDHOG_SEED=${quoted(seed)} npx vitest run ${quoted(file)} -t ${quoted(pattern)}`;
}
