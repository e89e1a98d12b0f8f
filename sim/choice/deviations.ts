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
import { type Search, sameQuestions } from './search.ts';
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
export interface Way {
  readonly before: Way | undefined;
  /** The number of the question, and its outcome. */
  readonly question: number;
  readonly outcome: number;
}

/** A place that a run has come to: a question, and how many outcomes it has. */
export interface Place {
  readonly question: number;
  readonly count: number;
  /** The state in which things stood; undefined when it is not known. */
  readonly standing: string | undefined;
}

/** What is left of 1 when the golden section is taken off. */
const SECTION = 0.618;
/** Runs that are to be made; beyond, some are left out. */
const WAITING_MAX = 2_000_000;

/**
 * The runs that are to be made, in their order. What comes of one run is noted in the order of the
 * runs, whoever has made them: so the order of those to come depends on nothing else.
 */
export class Frontier {
  /** Places of all runs so far, and of these the ones where nothing new could have come. */
  places = 0;
  known = 0;
  private readonly most: number;
  /** Departures of the runs being made. */
  private level = 0;
  private runs: Way[] = [];
  private made = 0;
  /** From one to the next of them. */
  private stride = 1;
  private deeper: Way[] = [];
  private dropped = false;
  /** Something was left out because a run has no more departures than so many. */
  private cutOff = false;
  private readonly seen = new Set<string>();

  constructor(most: number) {
    this.most = most;
  }

  get complete(): boolean {
    return !this.cutOff && !this.dropped;
  }

  /** Whether runs that depart once more than the present ones are to be made. */
  get goesOn(): boolean {
    return this.level < this.most;
  }

  /** The next run with as many departures; undefined when there is none left. */
  next(): Way | undefined {
    const { length } = this.runs;
    if (this.made === length) return undefined;
    return this.runs[(this.made++ * this.stride) % length];
  }

  /** On to the runs with one departure more, once all places of the present ones are noted; false when there are none. */
  deepen(): boolean {
    this.level++;
    this.runs = this.deeper;
    this.deeper = [];
    this.made = 0;
    this.stride = strideOf(this.runs.length);
    return this.runs.length > 0;
  }

  /** There were places where a run could not depart any more. */
  limit(): void {
    this.cutOff = true;
  }

  note(way: Way | undefined, { question, count, standing }: Place): void {
    if (!this.isNew(count, standing)) return;
    for (let outcome = count - 1; outcome > 0; outcome--) {
      if (this.deeper.length === WAITING_MAX) {
        this.dropped = true;
        return;
      }
      this.deeper.push({ before: way, question, outcome });
    }
  }

  /** Whether to depart from there may come to something new. */
  private isNew(count: number, standing: string | undefined): boolean {
    this.places++;
    if (standing === undefined) return true;
    const key = `${this.level} ${count} ${standing}`;
    if (!this.seen.has(key)) {
      this.seen.add(key);
      return true;
    }
    this.known++;
    return false;
  }
}

/** Told where a run could depart once more, and once whether it may not although it could. */
export interface PlacesHeard {
  place(way: Way | undefined, place: Place): unknown;
  limited(): unknown;
}

/** Makes runs that depart as they are told to. */
export class Departures implements Strategy {
  readonly name: string;
  readonly scheduling: 'placed' | 'picked';
  /** The state in which things stand, of which equal texts tell; undefined when it is not known. */
  standing: () => string | undefined = () => undefined;
  private readonly options: DeviationsOptions;
  private readonly heard: PlacesHeard;
  /** Whether a run may depart once more than it does. */
  private mayDepart = true;
  /** Runs that do another thing where the last one departed. */
  private readonly beside: Way[] = [];
  /** Of the present run: the questions at which it departs, first one first. */
  private departures: readonly Way[] = [];
  private way: Way | undefined;
  private met = 0;
  private asked = 0;
  /** The identity of the step that departed last. */
  private lo = 0;
  private hi = 0;

  constructor(options: DeviationsOptions, heard: PlacesHeard) {
    const { name, picks, base, most } = options;
    this.options = options;
    this.heard = heard;
    this.name = name;
    this.scheduling = picks ? 'picked' : base.scheduling;
    this.mayDepart = most > 0;
  }

  /** Whether the present run is asked how things stand, at any time. */
  get asks(): boolean {
    return this.mayDepart;
  }

  /** What the present run is to depart in. */
  get present(): Way | undefined {
    return this.way;
  }

  /** The next run is this one, and those after it do another thing where it departs last. */
  begin(way: Way | undefined, mayDepart: boolean): void {
    this.mayDepart = mayDepart;
    this.follow(way);
  }

  /** The next run does another thing where the last one departed; false when all of that is done. */
  aside(cut: boolean): boolean {
    sameQuestions(cut || this.met === this.departures.length);
    const way = this.beside.pop();
    if (way === undefined) return false;
    this.follow(way);
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
      sameQuestions(departure.outcome < count);
      this.met++;
      return departure.outcome;
    }
    // Before its last departure a run is one that was made before.
    if (departure !== undefined) return 0;
    if (cost === 0) this.noteBeside(question, count);
    else if (!this.mayDepart) this.heard.limited();
    else this.heard.place(this.way, { question, count, standing: this.standing() });
    return 0;
  }

  private noteBeside(question: number, count: number): void {
    for (let outcome = count - 1; outcome > 0; outcome--) {
      this.beside.push({ before: this.way, question, outcome });
    }
  }

  private follow(way: Way | undefined): void {
    this.departures = stepsOf(way);
    this.way = way;
    this.met = 0;
    this.asked = 0;
  }
}

/** First one first. */
export function stepsOf(way: Way | undefined): readonly Way[] {
  const steps: Way[] = [];
  for (let one = way; one !== undefined; one = one.before) steps.push(one);
  return steps.reverse();
}

/** All runs, one after another. */
export class Deviations extends Departures implements Search {
  readonly frontier: Frontier;

  constructor(options: DeviationsOptions) {
    const frontier = new Frontier(options.most);
    super(options, {
      place: (way, place) => frontier.note(way, place),
      limited: () => frontier.limit(),
    });
    this.frontier = frontier;
  }

  get complete(): boolean {
    return this.frontier.complete;
  }

  next(cut: boolean): boolean {
    if (this.aside(cut)) return true;
    const { frontier } = this;
    const way = frontier.next() ?? (frontier.deepen() ? frontier.next() : undefined);
    if (way === undefined) return false;
    this.begin(way, frontier.goesOn);
    return true;
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
