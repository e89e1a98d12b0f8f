/**
 * Attempts and runs as messages between processes: decisions with the names of their sites, since each process
 * numbers those in its own way.
 */
import { withLocalSites, withNames } from '../choice/named.ts';
import type { FinishedRun } from '../explore/runner.ts';
import type { Plan } from '../explore/subject.ts';
import type { Candidate, Tried } from '../shrink/attempt.ts';
import { ByteReader, ByteWriter } from '../trace/bytes.ts';
import { readDecisions, writeDecisions } from '../trace/ghr-decisions.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { WayRun, WaysRun } from './ways.ts';

/** Plain data. */
export interface Sent {
  readonly plan: Plan;
  readonly decisions: Uint8Array;
}

type Same = Extract<Tried, { is: 'same' }>;
type Decided = { readonly record: DecisionRecord; readonly actors: readonly string[] };

/** Plain data. */
export type SentTried =
  | (Omit<Same, 'record' | 'actors'> & { readonly decisions: Uint8Array })
  | { readonly is: 'other'; readonly run: SentRun }
  | { readonly is: 'no' | 'stopped' };

type SentRun = Omit<FinishedRun, 'record' | 'actors'> & { readonly decisions: Uint8Array };

/** Plain data. Of runs that passed nobody wants more than what they came to. */
export interface SentWays extends Omit<WaysRun, 'runs'> {
  readonly runs: readonly (Omit<WayRun, 'run'> & {
    readonly run: Omit<FinishedRun, 'record'> & { readonly decisions: Uint8Array | undefined };
  })[];
}

export function sentWays({ runs, ...more }: WaysRun): SentWays {
  const sent = runs.map(({ run: { record, spec, ...run }, ...way }) => {
    const { replay: _, ended: __, ...plain } = spec;
    const { actors, chunks } = run;
    const decisions = record && encoded({ record, actors });
    const told = decisions === undefined ? [] : chunks;
    return { ...way, run: { ...run, spec: plain, chunks: told, decisions } };
  });
  return { runs: sent, ...more };
}

export function waysOf({ runs, ...more }: SentWays): WaysRun {
  const own = runs.map(({ run: { decisions, ...run }, ...way }) => {
    const record = decisions && decoded(decisions).record;
    return { ...way, run: { ...run, record } };
  });
  return { runs: own, ...more };
}

export function sentCandidate(candidate: Candidate): Sent {
  return { plan: candidate.plan, decisions: encoded(candidate) };
}

export function candidateOf({ plan, decisions }: Sent): Candidate {
  return { plan, ...decoded(decisions) };
}

export function sentTried(tried: Tried): SentTried {
  if (tried.is === 'same') {
    const { is, result, digest } = tried;
    return { is, result, digest, decisions: encoded(tried) };
  }
  if (tried.is !== 'other') return tried;
  const { spec, result, record, actors, chunks, interleaving } = tried.run;
  const { replay: _, ...plain } = spec;
  const decisions = encoded({ record: record!, actors });
  return { is: 'other', run: { spec: plain, result, chunks, interleaving, decisions } };
}

export function triedOf(sent: SentTried): Tried {
  if (sent.is === 'same') {
    const { is, result, digest } = sent;
    return { is, result, digest, ...decoded(sent.decisions) };
  }
  if (sent.is !== 'other') return sent;
  const { decisions, ...run } = sent.run;
  return { is: 'other', run: { ...run, ...decoded(decisions) } };
}

function encoded({ record, actors }: Decided): Uint8Array {
  const out = new ByteWriter();
  writeDecisions(out, withNames(record, actors));
  return out.written().slice();
}

function decoded(bytes: Uint8Array): Decided {
  const named = readDecisions(new ByteReader(bytes));
  return { record: withLocalSites(named), actors: named.actors };
}
