/** Records as lists of entries, to be changed and put together again. */
import { keyOf } from '../choice/overheard.ts';
import { DecisionRecord, STEP } from '../trace/record.ts';

/** One decision; see trace/record.ts. */
export interface Entry {
  readonly kind: number;
  readonly site: number;
  readonly lo: number;
  readonly hi: number;
  readonly ordinal: number;
  readonly span: number;
  readonly actor: number;
  readonly outcome: number;
}

export function entriesOf(record: DecisionRecord): Entry[] {
  return Array.from({ length: record.count }, (_, entry) => ({
    kind: record.kind(entry),
    site: record.site(entry),
    lo: record.lo(entry),
    hi: record.hi(entry),
    ordinal: record.ordinal(entry),
    span: record.span(entry),
    actor: record.actor(entry),
    outcome: record.outcome(entry),
  }));
}

/** The record of these entries. What they belong to is not asked when it is replayed. */
export function recordOf(entries: readonly Entry[]): DecisionRecord {
  const record = new DecisionRecord();
  for (const { kind, site, lo, hi, ordinal, actor, outcome } of entries) {
    record.push(kind, site, lo, hi, ordinal, 0, actor, outcome);
  }
  return record;
}

/** Answers of `other` that `base` does not give, or gives differently. */
export function differences(base: readonly Entry[], other: readonly Entry[]): Entry[] {
  const known = new Map(base.map((entry) => [keyOf(entry), entry.outcome]));
  return other.filter((entry) => known.get(keyOf(entry)) !== entry.outcome);
}

/**
 * The entries with these answers in place of their own. Steps stand in the order of their moments,
 * which decides among equal ones.
 */
export function overlaid(base: readonly Entry[], answers: readonly Entry[]): Entry[] {
  const given = new Map(answers.map((entry) => [keyOf(entry), entry]));
  const kept = base.map((entry) => {
    const key = keyOf(entry);
    const answer = given.get(key);
    given.delete(key);
    return answer === undefined ? entry : { ...entry, outcome: answer.outcome };
  });
  return inOrder([...kept, ...given.values()]);
}

function inOrder(entries: readonly Entry[]): Entry[] {
  const steps = entries.filter(({ kind }) => kind === STEP);
  steps.sort((a, b) => a.outcome - b.outcome);
  return [...entries.filter(({ kind }) => kind !== STEP), ...steps];
}

/**
 * The entries with one step moved to just after another one, at that one's moment if it would be
 * earlier; just before it where the other comes first.
 */
export function moved(
  entries: readonly Entry[],
  { step, to, side }: { step: string; to: string; side: 'before' | 'after' },
): Entry[] {
  const ordered = inOrder(entries);
  const taken = ordered.find((entry) => keyOf(entry) === step)!;
  const rest = ordered.filter((entry) => entry !== taken);
  const at = rest.findIndex((entry) => keyOf(entry) === to);
  const { outcome } = rest[at]!;
  rest.splice(side === 'after' ? at + 1 : at, 0, { ...taken, outcome });
  return rest;
}

/**
 * The same where steps have no moments: those of its thread that stand in between go with it, since
 * they cannot overtake each other.
 */
export function movedWithThread(
  entries: readonly Entry[],
  { step, to, side }: { step: string; to: string; side: 'before' | 'after' },
): Entry[] {
  const one = entries.findIndex((entry) => keyOf(entry) === step);
  const other = entries.findIndex((entry) => keyOf(entry) === to);
  const from = Math.min(one, other);
  const until = Math.max(one, other) + 1;
  const { actor } = entries[one]!;
  const between = entries.slice(from, until);
  const going = between.filter((entry) => entry.kind === STEP && entry.actor === actor);
  const staying = between.filter((entry) => !going.includes(entry));
  const exchanged = side === 'after' ? [...staying, ...going] : [...going, ...staying];
  return [...entries.slice(0, from), ...exchanged, ...entries.slice(until)];
}
