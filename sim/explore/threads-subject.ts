/** A program of threads as something that runs once per seed. Its steps have no moments. */
import { isCampaign } from '../choice/search.ts';
import type { Strategy } from '../choice/strategy.ts';
import { assert } from '../env/assert.ts';
import { type StepSeen, ThreadsEngine } from '../threads/engine.ts';
import { strategies } from '../threads/executions.ts';
import { nameOf, traced } from '../threads/operation.ts';
import type { ThreadsProgram } from '../threads/program.ts';
import { sentenceOf } from '../threads/story.ts';
import { DecisionRecord } from '../trace/record.ts';
import type { RunResult, RunVerdict } from '../trace/run.ts';
import { signatureOf } from '../trace/violation.ts';
import { ThreadSignals } from './guided/thread-signals.ts';
import type { RunSpec, SeedRun, Subject } from './subject.ts';

export class ThreadsSubject<State> implements Subject {
  readonly name: string;
  readonly roles: Subject['roles'] = new Map();
  readonly timed = false;
  private readonly program: ThreadsProgram<State>;
  private portfolio: ((seed: string) => Strategy) | undefined;

  constructor(program: ThreadsProgram<State>) {
    this.name = program.name;
    this.program = program;
  }

  /** `travelling` sees its steps from within. */
  start(spec: RunSpec, travelling?: Travelling): ThreadsRun<State> {
    const replay = spec.replay ?? spec.over?.(this.drawn(spec.seed));
    return new ThreadsRun(this.program, { ...spec, replay }, travelling);
  }

  /** A mixture of strategies, each good until the next is asked for. */
  private drawn(seed: string): Strategy {
    this.portfolio ??= strategies(new ThreadsEngine(this.program), 'portfolio');
    return this.portfolio(seed);
  }
}

export function threadsSubject<State>(program: ThreadsProgram<State>): ThreadsSubject<State> {
  return new ThreadsSubject(program);
}

/** Hooks of the engine, see EngineOptions. */
export interface Travelling {
  readonly onStep: (step: StepSeen) => void;
  readonly onStanding: () => void;
}

export class ThreadsRun<State> implements SeedRun {
  readonly spec: RunSpec;
  readonly engine: ThreadsEngine<State>;
  private readonly told: boolean;

  constructor(program: ThreadsProgram<State>, spec: RunSpec, travelling?: Travelling) {
    const { watcher, onEvent, signals, stepsMax } = spec;
    this.spec = spec;
    this.told = watcher !== undefined || onEvent !== undefined;
    const threads = signals && new ThreadSignals(signals);
    const onStep = (step: StepSeen): void => {
      if (this.told) tell(step, spec);
      threads?.saw(step, this.engine.record.count);
      travelling?.onStep(step);
    };
    this.engine = new ThreadsEngine(program, {
      classes: true,
      ...(stepsMax !== undefined && { stepsMax }),
      ...((this.told || threads || travelling) && { onStep }),
      ...(travelling && { onStanding: travelling.onStanding, races: true }),
    });
    const strategy = spec.replay ?? seededStrategy(program, spec);
    this.engine.record = spec.record ?? new DecisionRecord();
    const begin = (): void => this.engine.begin(strategy);
    if (this.told) traced(begin);
    else begin();
  }

  /** Another one than was given when plain data turns up late, see the engine. */
  get record(): DecisionRecord {
    return this.engine.record;
  }

  get steps(): number {
    return this.engine.steps;
  }

  get actors(): readonly string[] {
    return this.engine.actors;
  }

  /** Of one that a search gives up there is none: its class was seen. */
  get interleaving(): number | undefined {
    return this.engine.end === 'abandoned' ? undefined : this.engine.interleaving!.value;
  }

  get chunks(): readonly number[] {
    return this.engine.digest.chunks;
  }

  advance(stepsMax: number): boolean {
    const advance = (): boolean => this.engine.advance(stepsMax);
    return this.told ? traced(advance) : advance();
  }

  result(): RunResult {
    const { end, steps } = this.engine;
    if (end === 'violated') return this.ended('violated');
    if (end === 'passed' || end === 'abandoned') return this.ended('passed');
    return this.ended('inconclusive', `no end after ${steps} steps`);
  }

  hung(limitMs: number): RunResult {
    const { steps } = this.engine;
    const reason = `hang: step ${steps} did not yield within ${limitMs} ms of real time`;
    return this.ended('inconclusive', reason);
  }

  private ended(verdict: RunVerdict, reason?: string): RunResult {
    const { engine, spec } = this;
    const { violation } = engine;
    return {
      seed: spec.seed,
      strategy: spec.strategy,
      verdict,
      failure: violation && { ...violation, signature: signatureOf(violation) },
      reason,
      digest: engine.digest.hex(),
      steps: engine.steps,
      virtualMs: 0,
      decisions: engine.decisions,
      operations: 0,
      readsHistory: false,
      sometimes: [],
    };
  }
}

function seededStrategy<State>(
  program: ThreadsProgram<State>,
  { strategy, seed }: RunSpec,
): Strategy {
  assert(!isCampaign(strategy), 'a campaign says how each of its runs goes');
  // A pilot run is not to be told of, so it has an engine of its own.
  return strategies(new ThreadsEngine(program), strategy)(seed);
}

function tell(step: StepSeen, { watcher, onEvent }: RunSpec): void {
  const { number, thread, object } = step;
  const { lo, hi, index, stack } = thread;
  watcher?.began({
    number,
    lo,
    hi,
    site: '',
    cause: 0,
    actor: index,
    atNs: 0,
    object: `${nameOf(object)} ${object.number}`,
    frames: stack?.split('\n').map((line) => line.trim().replace(/^at /, '')) ?? [],
  });
  const text = sentenceOf(step).replace(/^\d+\. /, '');
  onEvent?.({ kind: 'trace', atNs: 0, step: number, node: '', text });
}
