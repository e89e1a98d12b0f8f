/**
 * A run, and every run that departs from it at few places: first all that do at one, then at two.
 *
 *     the seed's own run       ──o───o───o───o──►      o  a place: something else could have happened
 *     one departure              └──►└──►└──►└──►
 *     two                           └─►  └─►            each in what a run with one has come to
 *
 * Places are steps picked among several, or points where a fault could be placed. A place may be
 * known: another run with as many departures has stood there in the same state, so that what a
 * departure would lead to was seen. Who knows states says so (`standing`); without, none is known.
 *
 * Those with the same number of departures come spread over all places, so that a search that is cut
 * short has been everywhere. Magnitudes and whatever else is decided are those of the seed that the run is made from.
 */
import { assert } from '../env/assert.ts';
import type { Search } from './search.ts';
import type { Spread } from './shape.ts';
import type { Site } from './site.ts';
import type { Asker, Candidates, Strategy, Weights } from './strategy.ts';

export interface DeviationsOptions {
  readonly name: 'dfs' | 'faults';
  /** What decides all that is not searched. */
  readonly base: Strategy;
  /** Departures of a run at most. */
  readonly most: number;
  /**
   * Steps are picked, the one longest pending first, and run at the earliest moment of their window; at
   * the latest is a departure, too. Without, the base places them.
   */
  readonly picks?: boolean;
  /** Branches at these sites are places; where steps are picked, lines of those that wait are too. */
  readonly at?: ReadonlySet<Site>;
  /** Branches at these, within the step of a departure, say what it does: all of their outcomes count as one. */
  readonly within?: ReadonlySet<Site>;
}

/** A run as what it departs in: the last departure, and those before it. */
interface Way {
  readonly before: Way | undefined;
  /** The number of the question, and its outcome. */
  readonly question: number;
  readonly outcome: number;
}

/** What is left of 1 when the golden section is taken off. */
const SECTION = 0.618;
/** Runs that are to be made; beyond, some are left out. */
const WAITING_MAX = 2_000_000;

export class Deviations implements Search {
  readonly name: string;
  readonly scheduling: 'placed' | 'picked';
  /** The state in which things stand, of which equal texts tell; undefined when it is not known. */
  standing: () => string | undefined = () => undefined;
  /** Places of all runs so far, and of these the ones where nothing new could have come. */
  places = 0;
  known = 0;
  private readonly options: DeviationsOptions;
  /** Departures of the runs being made. */
  private level = 0;
  private runs: Way[] = [];
  private made = 0;
  /** From one to the next of them. */
  private stride = 1;
  private deeper: Way[] = [];
  /** Runs that do another thing where the last one departed. */
  private readonly beside: Way[] = [];
  private dropped = false;
  /** Something was left out because a run has no more departures than so many. */
  private cutOff = false;
  private readonly seen = new Set<string>();
  /** Of the present run: the questions at which it departs, first one first. */
  private departures: readonly Way[] = [];
  private way: Way | undefined;
  private met = 0;
  private asked = 0;
  /** The identity of the step that departed last. */
  private lo = 0;
  private hi = 0;

  constructor(options: DeviationsOptions) {
    const { name, picks, base } = options;
    this.options = options;
    this.name = name;
    this.scheduling = picks ? 'picked' : base.scheduling;
  }

  get complete(): boolean {
    return !this.cutOff && !this.dropped;
  }

  next(): boolean {
    assert(this.met === this.departures.length, 'the same decisions lead to the same questions');
    const way = this.beside.pop() ?? this.further();
    if (way === undefined) return false;
    this.begin(way);
    return true;
  }

  meets(actor: number, name: string, key: number): void {
    this.options.base.meets?.(actor, name, key);
  }

  momentNs(lo: number, hi: number, fromNs: number, toNs: number, spread: Spread): number {
    if (this.options.picks) return this.outcome(2, 1) === 0 ? fromNs : toNs;
    return this.options.base.momentNs(lo, hi, fromNs, toNs, spread);
  }

  priority(lo: number, hi: number): number {
    return this.options.base.priority(lo, hi);
  }

  pick(candidates: Candidates): number {
    const { count, calmest } = candidates;
    return count === 1 ? 0 : (calmest + this.outcome(count, 1)) % count;
  }

  branch(site: Site, asker: Asker, weights: Weights): number {
    const { at, within, picks, base } = this.options;
    const { lo, hi } = asker;
    if (at?.has(site) || (picks && weights.line)) {
      const outcome = this.outcome(weights.of.length, 1);
      if (outcome > 0) {
        this.lo = lo;
        this.hi = hi;
      }
      return outcome;
    }
    if (within?.has(site) && this.met > 0 && lo === this.lo && hi === this.hi) {
      return this.outcome(weights.of.length, 0);
    }
    return base.branch(site, asker, weights);
  }

  value(site: Site, asker: Asker, min: number, max: number, spread: Spread): number {
    return this.options.base.value(site, asker, min, max, spread);
  }

  /** The outcome of a question, of so many; one other than 0 costs so many departures. */
  private outcome(count: number, cost: number): number {
    const question = this.asked++;
    const departure = this.departures[this.met];
    if (departure?.question === question) {
      this.met++;
      return departure.outcome;
    }
    // Before its last departure a run is one that was made before.
    if (departure !== undefined) return 0;
    this.note(question, count, cost);
    return 0;
  }

  private note(question: number, count: number, cost: number): void {
    if (cost > 0 && !this.isNew(count)) return;
    const waiting = cost === 0 ? this.beside : this.deeper;
    for (let outcome = count - 1; outcome > 0; outcome--) {
      if (waiting.length === WAITING_MAX) {
        this.dropped = true;
        return;
      }
      waiting.push({ before: this.way, question, outcome });
    }
  }

  /** Whether to depart from here may come to something new. */
  private isNew(count: number): boolean {
    if (this.level === this.options.most) {
      this.cutOff = true;
      return false;
    }
    this.places++;
    const standing = this.standing();
    if (standing === undefined) return true;
    const key = `${this.level} ${count} ${standing}`;
    if (!this.seen.has(key)) {
      this.seen.add(key);
      return true;
    }
    this.known++;
    return false;
  }

  /** The next of as many departures; after the last, on to those with one more. */
  private further(): Way | undefined {
    if (this.made === this.runs.length) {
      this.level++;
      this.runs = this.deeper;
      this.deeper = [];
      this.made = 0;
      this.stride = strideOf(this.runs.length);
    }
    const { length } = this.runs;
    return length === 0 ? undefined : this.runs[(this.made++ * this.stride) % length];
  }

  private begin(way: Way): void {
    const departures: Way[] = [];
    for (let one: Way | undefined = way; one !== undefined; one = one.before) departures.push(one);
    this.departures = departures.reverse();
    this.way = way;
    this.met = 0;
    this.asked = 0;
  }
}

/** A step around `length` places that comes to each of them once, and far from the last few. */
function strideOf(length: number): number {
  let stride = Math.max(1, Math.round(length * SECTION));
  while (divisorOf(stride, length) > 1) stride++;
  return stride;
}

function divisorOf(a: number, b: number): number {
  return b === 0 ? a : divisorOf(b, a % b);
}
