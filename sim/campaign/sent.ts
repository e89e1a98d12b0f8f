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

/** Plain data. */
export interface SentWays extends Omit<WaysRun, 'runs'> {
  readonly runs: readonly (Omit<WayRun, 'run'> & { readonly run: SentRun })[];
}

/** Of a run that passed nobody wants more than what it came to. */
type SentRun = Omit<FinishedRun, 'record'> & { readonly decisions: Uint8Array | undefined };

function sentRun({ record, spec, ...run }: FinishedRun): SentRun {
  const { replay: _, ended: __, ...plain } = spec;
  const { actors, chunks } = run;
  const decisions = record && encoded({ record, actors });
  return { ...run, spec: plain, chunks: decisions === undefined ? [] : chunks, decisions };
}

function runOf({ decisions, ...run }: SentRun): FinishedRun {
  return { ...run, record: decisions && decoded(decisions).record };
}

export function sentWays({ runs, ...more }: WaysRun): SentWays {
  return { runs: runs.map((way) => ({ ...way, run: sentRun(way.run) })), ...more };
}

export function waysOf({ runs, ...more }: SentWays): WaysRun {
  return { runs: runs.map((way) => ({ ...way, run: runOf(way.run) })), ...more };
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
  return tried.is === 'other' ? { is: 'other', run: sentRun(tried.run) } : tried;
}

export function triedOf(sent: SentTried): Tried {
  if (sent.is === 'same') {
    const { is, result, digest } = sent;
    return { is, result, digest, ...decoded(sent.decisions) };
  }
  return sent.is === 'other' ? { is: 'other', run: runOf(sent.run) } : sent;
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
