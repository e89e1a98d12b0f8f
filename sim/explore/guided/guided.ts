/**
 * A campaign that learns: each run goes back to a place that few runs have come to, by the decisions
 * that led there, and draws afresh from then on (Ecoffet et al., "First return, then explore", Nature
 * 2021, section "Go-Explore"; the corpus and its feedback as in coverage-guided fuzzing). Or it is the
 * run that came there with one of its spans drawn afresh: a fault, an operation, a knob. Which runs
 * are made depends on the campaign's seed alone.
 */
import seedrandom from 'seedrandom';
import { Prefix } from '../../choice/prefix.ts';
import type { Strategy } from '../../choice/strategy.ts';
import { DecisionRecord } from '../../trace/record.ts';
import type { RunSpec } from '../subject.ts';
import { Corpus, type Place } from './corpus.ts';
import { Signals } from './signals.ts';

export interface Guided {
  readonly seed: string;
  /** Runs that are made. */
  readonly runs: number;
  /** As for each run. */
  readonly faults?: RunSpec['faults'];
  readonly plan?: RunSpec['plan'];
}

/** Of the others one of so many has another span, where there are spans. */
const MUTATED_EVERY = 2;

/**
 * So many runs at most begin anew before any goes on from another, as long as half of what they show
 * is new: a bug that draws find in a few runs is found by them soonest.
 */
const ANEW_FIRST = 20;
const STILL_NEW = 0.5;

/** Each spec takes what the run before has shown into account, which is over when it is asked for. */
export function* guidedSpecs({ seed, runs, faults, plan }: Guided): Generator<RunSpec> {
  const corpus = new Corpus();
  const chance = seedrandom.alea(seed);
  const ways = new Ways();
  let share = 1;
  for (let run = 1; run <= runs; run++) {
    const name = `${seed}/${run}`;
    const isFirst = run <= ANEW_FIRST && share >= STILL_NEW;
    const anew = isFirst || ways.draw(chance);
    const place = anew ? undefined : corpus.choose(chance);
    const record = new DecisionRecord();
    const signals = new Signals();
    const over = place === undefined ? (fresh: Strategy) => fresh : from(place, chance);
    yield { seed: name, strategy: 'guided', faults, plan, over, record, signals };
    share = corpus.add(signals, record);
    ways.add(anew, share > 0);
  }
}

/** How much of what counts of a way's earlier runs still counts after one more. */
const REMEMBERED = 0.95;
/** So that a way that has shown nothing for long is still gone now and then. */
const HOPE = 0.05;

/** Whether the next run begins anew, or goes on from a place: by which of the two lately came to something new. */
class Ways {
  private anew = 1;
  private onwards = 1;

  draw(chance: () => number): boolean {
    return chance() * (this.anew + this.onwards + 2 * HOPE) < this.anew + HOPE;
  }

  add(anew: boolean, isNew: boolean): void {
    const gain = (1 - REMEMBERED) * (isNew ? 1 : 0);
    if (anew) this.anew = REMEMBERED * this.anew + gain;
    else this.onwards = REMEMBERED * this.onwards + gain;
  }
}

/** What goes on from a place, or does otherwise what one span decided on the way there. */
function from(place: Place, chance: () => number): (fresh: Strategy) => Strategy {
  const { record, entries, atNs: cutNs } = place;
  const spans = Math.floor(chance() * MUTATED_EVERY) === 0 ? spansOf(record) : [];
  const span = spans[Math.floor(chance() * spans.length)];
  if (span === undefined) return (fresh) => new Prefix({ record, entries, cutNs, fresh });
  const rest = record.filtered((entry) => record.span(entry) !== span);
  return (fresh) => new Prefix({ record: rest, entries: rest.count, cutNs: 0, fresh });
}

/** Those in which something was decided, by number; not the run's own. */
function spansOf(record: DecisionRecord): readonly number[] {
  const spans = new Set<number>();
  for (let entry = 0; entry < record.count; entry++) {
    const span = record.span(entry);
    if (span !== 0) spans.add(span);
  }
  return [...spans];
}
