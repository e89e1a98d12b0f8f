/**
 * A campaign that learns: each run goes back to a place that few runs have come to, by the decisions
 * that led there, and draws afresh from then on (Ecoffet et al., "First return, then explore", Nature
 * 2021, section "Go-Explore"; the corpus and its feedback as in coverage-guided fuzzing). Which runs are
 * made depends on the campaign's seed alone.
 */
import seedrandom from 'seedrandom';
import { Prefix } from '../../choice/prefix.ts';
import type { Strategy } from '../../choice/strategy.ts';
import { DecisionRecord } from '../../trace/record.ts';
import type { RunSpec, Subject } from '../subject.ts';
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

/** One run of so many begins anew, since some decisions are made before anything is shown. */
const ANEW_EVERY = 2;

/** Each spec takes what the run before has shown into account, which is over when it is asked for. */
export function* guidedSpecs(
  subject: Subject,
  { seed, runs, faults, plan }: Guided,
): Generator<RunSpec> {
  const corpus = new Corpus();
  const chance = seedrandom.alea(seed);
  for (let run = 1; run <= runs; run++) {
    const name = `${seed}/${run}`;
    const place = run % ANEW_EVERY === 0 ? undefined : corpus.choose(chance);
    const record = new DecisionRecord();
    const signals = new Signals();
    const fresh = subject.drawn(name);
    const replay = place === undefined ? fresh : onwards(place, fresh);
    yield { seed: name, strategy: 'guided', faults, plan, replay, record, signals };
    corpus.add(signals, record);
  }
}

function onwards({ record, entries, atNs: cutNs }: Place, fresh: Strategy): Strategy {
  return new Prefix({ record, entries, cutNs, fresh });
}
