/** Runs of whatever lives in a world: makes the world for a seed, runs it, judges it. */

import type { History } from '../check/history.ts';
import { Departures } from '../choice/deviations.ts';
import { interleavingOf } from '../choice/interleaving.ts';
import { Pilot, type Profile } from '../choice/profile.ts';
import { isCampaign } from '../choice/search.ts';
import { keysOf } from '../choice/seed.ts';
import { seeded } from '../choice/seeded.ts';
import type { Strategy } from '../choice/strategy.ts';
import { assert } from '../env/assert.ts';
import { Nemesis } from '../fault/nemesis.ts';
import { Incarnation } from '../node/incarnation.ts';
import { World } from '../node/world.ts';
import type { Fault, FaultPreset, TimedFault } from '../scenario/scenario.gen.ts';
import type { Check, CheckOutcome, Run } from '../scenario/scenario.ts';
import { type Weighed, weigh, weighThrown } from '../scenario/weigh.ts';
import { drain } from '../sched/drain.ts';
import { msOfNs } from '../time/units.ts';
import { DecisionRecord } from '../trace/record.ts';
import type { Failure, RunResult, RunVerdict } from '../trace/run.ts';
import { signatureOf, type Violation } from '../trace/violation.ts';
import { watchWorld } from './guided/world-signals.ts';
import { Standing } from './standing.ts';
import type { Plan, RunSpec, SeedRun, Subject } from './subject.ts';

/** What tells one subject that lives in a world from another. */
export interface WorldOptions {
  readonly name: string;
  readonly faults: FaultPreset;
  readonly timeline: readonly TimedFault[];
  readonly forMs: number;
  readonly livenessMs?: number;
  /** In place of `livenessMs`: virtual ms since the start by which all must be over. */
  readonly overByMs?: number;
  readonly roles?: Subject['roles'];
  /** Adds the nodes. */
  populate(world: World, plan: Plan, seed: string): void;
  readonly check?: Check | undefined;
  /** The node whose return ends the run. */
  readonly endsWith?: string;
  /** The same with fresh modules, where these are shared. */
  readonly fresh?: Subject;
}

export class WorldSubject implements Subject {
  readonly name: string;
  readonly roles: Subject['roles'];
  readonly options: WorldOptions;
  readonly fresh: Subject | undefined;
  private readonly profiles = new Map<FaultPreset, Profile>();

  constructor(options: WorldOptions) {
    this.name = options.name;
    this.roles = options.roles ?? new Map();
    this.options = options;
    this.fresh = options.fresh;
  }

  start(spec: RunSpec): WorldRun {
    const { replay, over } = spec;
    const strategy = replay ?? over?.(this.strategyOf(spec, 'portfolio')) ?? this.strategyOf(spec);
    return new WorldRun(this.options, spec, strategy);
  }

  pilot({ strategy, replay, faults = this.options.faults }: RunSpec): SeedRun | undefined {
    if (strategy === 'random' || replay !== undefined || this.profiles.has(faults)) {
      return undefined;
    }
    // Nothing but the preset comes from the run that asks: who asks first must not matter.
    return new PilotRun(this.options, { seed: PILOT, strategy: 'random', faults }, (profile) =>
      this.profiles.set(faults, profile),
    );
  }

  private strategyOf(
    { seed, strategy: asked, faults = this.options.faults }: RunSpec,
    strategy: RunSpec['strategy'] = asked,
  ): Strategy {
    assert(!isCampaign(strategy), 'a campaign says how each of its runs goes');
    return seeded(strategy, () => {
      const profile = this.profiles.get(faults);
      assert(profile !== undefined, 'the pilot run comes first');
      return profile;
    })(seed);
  }
}

/** This machine lacks what the programs need, or there is no program; the message says what to do. */
class CannotRun extends Error {
  override readonly name = 'CannotRun';
  readonly isUserError = true;
}

const PILOT = 'pilot';

export class WorldRun implements SeedRun {
  readonly spec: RunSpec;
  readonly record: DecisionRecord;
  readonly world: World;
  private readonly options: WorldOptions;
  private nemesis!: Nemesis;
  private readsHistory = false;

  constructor(options: WorldOptions, spec: RunSpec, strategy: Strategy) {
    const { plan = {}, onEvent, watcher } = spec;
    this.spec = spec;
    this.options = options;
    this.record = spec.record ?? new DecisionRecord();
    this.record.clear();
    const preset = spec.faults ?? options.faults;
    const timeline = plan.timeline ?? options.timeline;
    let stepped = (): void => {};
    const points = spec.strategy === 'faults' ? { stepped: () => stepped() } : undefined;
    this.world = new World({
      strategy,
      record: this.record,
      forMs: options.forMs,
      ...(options.livenessMs !== undefined && { livenessMs: options.livenessMs }),
      ...(options.overByMs !== undefined && { overByMs: options.overByMs }),
      faults: (world) => {
        this.nemesis = new Nemesis(world, { preset, timeline, points });
        return this.nemesis;
      },
      ...(onEvent && { onEvent }),
      ...(spec.digest && { digest: spec.digest }),
      ...(watcher && { watcher }),
      ...(spec.stepsMax !== undefined && { stepsMax: spec.stepsMax }),
      ...(options.endsWith && { endsWith: options.endsWith }),
    });
    if (spec.signals) watchWorld(this.world, spec.signals);
    if (points && strategy instanceof Departures) {
      const standing = new Standing(this.world);
      strategy.standing = () => standing.text();
      if (strategy.asks) stepped = () => standing.look();
    }
    options.populate(this.world, plan, spec.seed);
  }

  get actors(): readonly string[] {
    return this.world.actors;
  }

  get interleaving(): number {
    return interleavingOf(this.record, this.world.places);
  }

  get handlerErrors(): ReadonlyMap<string, string> {
    return this.world.handlerErrors.seen;
  }

  get steps(): number {
    return this.world.kernel.steps;
  }

  get chunks(): readonly number[] {
    return this.world.kernel.digest.chunks;
  }

  advance(stepsMax: number): boolean {
    return this.world.advance(stepsMax);
  }

  /** A fault happens now, besides those that the seed places. */
  befall(fault: Fault): void {
    this.nemesis.befall(fault);
  }

  /** Ends the run without judging it. */
  close(): void {
    this.world.close();
  }

  /** @throws CannotRun */
  result(): RunResult {
    const { world } = this;
    if (world.missing !== undefined) {
      world.close();
      throw new CannotRun(world.missing);
    }
    const observed = this.options.check && world.end === 'completed' ? observedIn(world) : {};
    this.close();
    const unclear = world.end === 'completed' ? this.judge(observed) : undefined;
    if (world.violation !== undefined) return this.ended('violated', undefined);
    const { steps } = world.kernel;
    if (world.neverYielded) {
      return this.ended('inconclusive', `hang: step ${steps} calls process.nextTick without end`);
    }
    if (world.end === 'exhausted') {
      return this.ended('inconclusive', this.endless());
    }
    return unclear === undefined ? this.ended('passed') : this.ended('inconclusive', unclear);
  }

  hung(limitMs: number): RunResult {
    const { kernel } = this.world;
    const reason = `hang: step ${kernel.steps} did not yield within ${limitMs} ms of real time${this.whose}`;
    return {
      ...this.ended('inconclusive', reason),
      digest: kernel.digest.hexBeforeStep(),
      virtualMs: msOfNs(kernel.momentNs),
    };
  }

  private endless(): string {
    const { steps, nowNs } = this.world.kernel;
    const seconds = (nowNs / 1e9).toLocaleString('en-US', { maximumFractionDigits: 3 });
    return (
      `no end after ${steps.toLocaleString('en-US')} steps and ${seconds} virtual s${this.whose}: ` +
      'let programs wait longer between rounds, or do less in one run (args, forMs)'
    );
  }

  /** `, on replica-2`: who runs the present step, where that is a node. */
  private get whose(): string {
    const { current } = this.world.kernel;
    return current instanceof Incarnation ? `, on ${current.node.name}` : '';
  }

  /** Why the check could not decide; what it finds wrong becomes the world's violation. */
  private judge(observed: Run['observed']): string | undefined {
    const { check } = this.options;
    const { world } = this;
    if (check === undefined || world.violation !== undefined) return undefined;
    const self = this;
    const run: Run = {
      seed: this.spec.seed,
      get history(): History {
        self.readsHistory = true;
        return world.history.operations;
      },
      observed,
      virtualMs: msOfNs(world.kernel.nowNs),
    };
    const weighed = this.weighed(check, run);
    if (weighed.is === 'broken') world.violate(weighed.finding, []);
    return weighed.is === 'unclear' ? weighed.reason : undefined;
  }

  private weighed(check: Check, run: Run): Weighed {
    try {
      const outcome = settled(check(run));
      this.spec.judged?.(this.world.history.operations, outcome);
      return weigh(outcome);
    } catch (error) {
      return weighThrown(error);
    }
  }

  private ended(verdict: RunVerdict, reason?: string): RunResult {
    const { world, spec } = this;
    const { kernel } = world;
    return {
      seed: spec.seed,
      strategy: spec.strategy,
      verdict,
      failure: world.violation && failureOf(world.violation),
      reason,
      digest: kernel.digest.hex(),
      steps: kernel.steps,
      virtualMs: msOfNs(kernel.nowNs),
      decisions: kernel.choices.decisions,
      operations: world.history.operations.filter(({ outcome }) => outcome !== 'unknown').length,
      readsHistory: this.readsHistory,
      sometimes: [...world.properties.seen],
    };
  }
}

/** Made for what strategies learn from it: nobody judges it. */
class PilotRun extends WorldRun {
  private readonly notes: Pilot;
  private readonly learnt: (profile: Profile) => void;

  constructor(options: WorldOptions, spec: RunSpec, learnt: (profile: Profile) => void) {
    const notes = new Pilot(keysOf(PILOT));
    super(options, spec, notes);
    this.notes = notes;
    this.learnt = learnt;
  }

  override advance(stepsMax: number): boolean {
    if (!super.advance(stepsMax)) return false;
    this.learnt(this.notes.profile());
    this.close();
    return true;
  }
}

function failureOf(violation: Violation): Failure {
  return { ...violation, signature: signatureOf(violation) };
}

function observedIn(world: World): Run['observed'] {
  return Object.fromEntries(
    world.nodes.map(({ name, incarnation }) => [name, incarnation?.snapshot() ?? {}]),
  );
}

/** A check may be an async function, but nothing real can be waited for inside a run. */
function settled(outcome: CheckOutcome | Promise<CheckOutcome>): CheckOutcome {
  if (!(outcome instanceof Promise)) return outcome;
  let end: { value: CheckOutcome } | { error: unknown } | undefined;
  outcome.then(
    (value) => {
      end = { value };
    },
    (error: unknown) => {
      end = { error };
    },
  );
  drain();
  if (end === undefined) throw new Error('the check waits for something outside the run');
  if ('error' in end) throw end.error;
  return end.value;
}
