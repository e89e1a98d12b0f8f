import { assert } from '../../env/assert.ts';
import type { History, Operation } from '../history.ts';
import { requirePossible } from '../impossible.ts';
import { requireOneOf } from '../one-of.ts';
import type { Limits, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { memoryWords, stateWords } from './configurations.ts';
import { Machine, refusal } from './machine.ts';
import { Meter } from './meter.ts';
import { type Model, validate } from './model.ts';
import { partsOf } from './parts.ts';
import { type DeadEnd, type Part, Search, type SearchEnd } from './search.ts';
import { describe } from './state.ts';
import { whole } from './whole.ts';
import { faultOfOrder } from './witness.ts';

export interface LinearizableOptions extends Limits {
  /** `objects` (the default) decides each independent object by itself; `no` all of them at once. */
  readonly partition?: 'objects' | 'no';
  /**
   * The order in which the system says that it applied the operations, as indices into the
   * history; unknown ones may be left out. If it fits it is the proof, in linear time. If not, the
   * history is judged without it, and `wrongOrder` says what is wrong with it.
   */
  readonly order?: readonly number[];
}

/** An order of operations that ends where the blamed operation does not fit. */
export interface SurvivingOrder {
  /** Indices into the history. */
  readonly order: readonly number[];
  /** The object's state after them, in words. */
  readonly state: string;
  /** Why the blamed operation is not legal then: the model's own sentence. */
  readonly refusal: string;
}

/** Why a part is not linearizable. */
export interface Failure {
  /** The objects of the part, printed; empty when there is only one. */
  readonly part: string;
  /** The first operation that cannot be placed: all that returned before it can be, but not it. */
  readonly blamed: number;
  /** One for each state in which the blamed operation was due; the first has the longest order. */
  readonly orders: readonly SurvivingOrder[];
}

export interface LinearizabilityVerdict extends Verdict {
  /** How many parts each method decided. */
  readonly decidedBy: Readonly<Record<string, number>>;
  /** Of an invalid history, unless a search for it would take too long. */
  readonly failure?: Failure;
  /** Why the order given by the system is none, whatever the verdict. */
  readonly wrongOrder?: string;
}

const STEPS_MAX = 200_000_000;
const CONFIGURATIONS_MAX = 16_000_000;
/** What each part may spend in the first round; every further round gives this many times more. */
const SLICE_STEPS = 4096;
const SLICE_GROWTH = 8;
const SURVIVING_ORDERS_MAX = 16;
/** Parts whose violation was found without a search are searched for its explanation up to here. */
const EXPLAINED_OPERATIONS_MAX = 10_000;
const EXPLAINED_STEPS_MAX = 100_000;

/**
 * Whether the operations can be put into one order that the model allows and that keeps every
 * operation that returned before another was called in front of it.
 *
 * Failed operations are left out. An operation with an unknown outcome may have taken effect at
 * any moment after its call, or never.
 *
 * @throws HistoryError `unknown-operation`, `bad-input`, `impossible`, `bad-option`, `bad-model`
 */
export function linearizable<State>(
  history: History,
  model: Model<State>,
  options: LinearizableOptions = {},
): LinearizabilityVerdict {
  requireOneOf('partition', options.partition ?? 'objects', ['objects', 'no']);
  validate(history, model as Model);
  requirePossible(history);
  if (options.order === undefined) return judge(history, model as Model, options);
  const meter = new Meter(options.stepsMax ?? STEPS_MAX);
  const wrongOrder = meter.limit(() =>
    faultOfOrder(history, model as Model, options.order!, meter.spend),
  );
  if (wrongOrder !== undefined) {
    const why = wrongOrder === 'steps' ? `undecided after ${meter.stepsMax} steps` : wrongOrder;
    return { ...judge(history, model as Model, options), wrongOrder: why };
  }
  const proof: Finding = { verdict: 'valid', reason: 'linearizable in the order of the system' };
  return conclude(history, model as Model, { steps: meter.steps, by: { order: 1 } }, proof);
}

function judge(
  history: History,
  model: Model,
  options: LinearizableOptions,
): LinearizabilityVerdict {
  const judged = (options.partition === 'no' ? whole(model) : model) as Model;
  const tally: Tally = { steps: 0, by: {} };
  const undecided: PartSearch[] = [];
  const parts = partsOf(history, judged);
  for (let part = 0; part < parts.count; part++) {
    const operations = parts.operations(part);
    const decision = judged.shortcut?.(history, operations);
    if (decision === undefined) {
      undecided.push(new PartSearch(history, operations, judged, () => parts.label(part)));
      continue;
    }
    tally.steps += operations.length;
    tally.by[decision.by] = (tally.by[decision.by] ?? 0) + 1;
    if (!decision.valid) {
      const reason = inPart(parts.label(part), decision.message);
      const involved = decision.operations;
      const anomalies = [{ name: 'not-linearizable', message: reason, operations: involved }];
      const failure = explain(history, operations, judged, () => parts.label(part));
      const finding: Finding = { verdict: 'invalid', reason, anomalies };
      return conclude(history, model, tally, failure ? { ...finding, failure } : finding);
    }
  }
  const found = searchAll(history, undecided, tally, options);
  if (found !== undefined) return conclude(history, model, tally, found);
  const reason = ['linearizable', Object.keys(tally.by).join(' and ')]
    .filter(Boolean)
    .join(', by ');
  return conclude(history, model, tally, { verdict: 'valid', reason });
}

/** Where a search of a part that does not need one would end, if it does not take long. */
function explain(
  history: History,
  operations: Int32Array,
  model: Model,
  label: () => string,
): Failure | undefined {
  if (operations.length > EXPLAINED_OPERATIONS_MAX) return undefined;
  const part = new PartSearch(history, operations, model, label);
  const end = part.run(EXPLAINED_STEPS_MAX, CONFIGURATIONS_MAX);
  assert(end !== 'valid', 'a violation found without a search is one for the search too');
  return end === 'invalid' ? part.failure() : undefined;
}

interface Tally {
  steps: number;
  readonly by: Record<string, number>;
}

type Finding = Pick<LinearizabilityVerdict, 'verdict' | 'reason'> &
  Partial<Pick<LinearizabilityVerdict, 'anomalies' | 'failure'>>;

function conclude(
  history: History,
  model: Model,
  { steps, by }: Tally,
  finding: Finding,
): LinearizabilityVerdict {
  const operations = history.length;
  return { model: model.name, anomalies: [], operations, steps, decidedBy: by, ...finding };
}

/**
 * Searches the parts in turns with growing slices, so that a violation in a small part is found
 * before a part that explodes has taken all memory. `undefined` when all parts are linearizable.
 */
function searchAll(
  history: History,
  parts: readonly PartSearch[],
  tally: Tally,
  { stepsMax = STEPS_MAX, configurationsMax = CONFIGURATIONS_MAX }: Limits,
): Finding | undefined {
  let open = parts;
  for (let slice = SLICE_STEPS; open.length > 0; slice *= SLICE_GROWTH) {
    const undecided: PartSearch[] = [];
    let configurations = 0;
    let words = 0;
    for (const part of open) {
      const left = stepsMax - tally.steps;
      const before = part.steps;
      const end = part.run(Math.min(slice, left), configurationsMax);
      tally.steps += part.steps - before;
      configurations += part.configurations;
      words += part.words;
      if (end === 'invalid') {
        tally.by['search'] = (tally.by['search'] ?? 0) + 1;
        return invalid(history, part);
      }
      if (end === 'valid') tally.by['search'] = (tally.by['search'] ?? 0) + 1;
      else undecided.push(part);
      if (end === 'steps' && slice >= left) {
        return { verdict: 'unknown', reason: `undecided after ${stepsMax} steps` };
      }
      const isFull = configurations > configurationsMax || words > memoryWords(configurationsMax);
      if (end === 'configurations' || end === 'memory' || isFull) {
        const megabytes = Math.ceil((words * Int32Array.BYTES_PER_ELEMENT) / 1e6);
        const reason = `undecided with ${configurations} configurations, ${megabytes} MB with their states`;
        return { verdict: 'unknown', reason };
      }
    }
    open = undecided;
  }
  return undefined;
}

function invalid(history: History, part: PartSearch): Finding {
  const failure = part.failure();
  const longest = failure.orders[0];
  const because =
    longest === undefined ? '' : `: in the state ${longest.state}: ${longest.refusal}`;
  const blamed = operationInWords(history[failure.blamed]!);
  const reason = inPart(failure.part, `${blamed} cannot be placed${because}`);
  const operations = [failure.blamed];
  const anomalies = [{ name: 'not-linearizable', message: reason, operations }];
  return { verdict: 'invalid', reason, anomalies, failure };
}

function inPart(label: string, message: string): string {
  return label === '' ? message : `${label}: ${message}`;
}

/** One part under search. The required operations come first, then the unknown ones. */
class PartSearch {
  readonly #model: Model;
  readonly #label: () => string;
  readonly #operations: readonly Operation[];
  readonly #indices: readonly number[];
  readonly #required: number;
  #meter: Meter | undefined;
  #machine: Machine | undefined;
  #search: Search | undefined;
  #configurationsMax = 0;

  constructor(history: History, operations: Int32Array, model: Model, label: () => string) {
    this.#model = model;
    this.#label = label;
    const required: number[] = [];
    const optional: number[] = [];
    for (const i of operations) (history[i]!.outcome === 'ok' ? required : optional).push(i);
    this.#required = required.length;
    this.#indices = [...required, ...optional];
    this.#operations = this.#indices.map((i) => history[i]!);
  }

  get steps(): number {
    return this.#meter?.steps ?? 0;
  }

  get configurations(): number {
    return this.#search?.configurations ?? 0;
  }

  get words(): number {
    return (this.#search?.words ?? 0) + (this.#meter?.words ?? 0);
  }

  /** Searches on for at most `steps`. */
  run(steps: number, configurationsMax: number): SearchEnd | 'steps' | 'memory' {
    this.#meter ??= new Meter(0, stateWords(configurationsMax));
    const meter = this.#meter;
    meter.stepsMax = meter.steps + steps;
    this.#configurationsMax = configurationsMax;
    return meter.limit(() => {
      this.#machine ??= new Machine(this.#model, this.#operations, meter);
      this.#search ??= this.#newSearch(this.#machine, meter);
      return this.#search.run();
    });
  }

  /** Searches an invalid part once more, to see where each order ends. */
  failure(): Failure {
    const machine = this.#machine!;
    const blamed = this.#search!.blamed;
    const deadEnds = new Map<number, DeadEnd>();
    const keep = (end: DeadEnd) => {
      const known = deadEnds.get(end.state);
      if (known === undefined ? deadEnds.size < SURVIVING_ORDERS_MAX : isLonger(end, known)) {
        deadEnds.set(end.state, end);
      }
    };
    const again = this.#newSearch(machine, new Meter(Number.POSITIVE_INFINITY));
    this.#meter!.stepsMax = Number.POSITIVE_INFINITY;
    again.run({ at: blamed, call: keep });
    const longestFirst = [...deadEnds.values()].sort((a, b) => b.order.length - a.order.length);
    return {
      part: this.#label(),
      blamed: this.#indices[blamed]!,
      orders: longestFirst.map(({ order }) => ({
        order: order.map((op) => this.#indices[op]!),
        ...this.#endOf(order, blamed),
      })),
    };
  }

  /** Replays an order on the model itself, which knows more than the search's abstract states. */
  #endOf(order: readonly number[], blamed: number): Pick<SurvivingOrder, 'state' | 'refusal'> {
    let state = this.#model.initial;
    for (const op of order) {
      const step = this.#model.step(state, this.#operations[op]!, uncounted);
      assert('state' in step, 'a surviving order is legal');
      state = step.state;
    }
    const call = this.#operations[blamed]!;
    return {
      state: describe(this.#model, state),
      refusal: refusal(call, this.#model.step(state, call, uncounted)),
    };
  }

  #newSearch(machine: Machine, meter: Meter): Search {
    const part: Part = {
      required: this.#required,
      called: Float64Array.from(this.#operations, ({ called }) => called),
      returned: Float64Array.from(this.#operations, ({ returned }) => returned),
    };
    return new Search(part, machine, meter, this.#configurationsMax);
  }
}

/** Steps of a search that has been counted already. */
function uncounted(): void {}

function isLonger(a: DeadEnd, b: DeadEnd): boolean {
  return a.order.length > b.order.length;
}
