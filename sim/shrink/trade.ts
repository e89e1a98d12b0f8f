/** Amounts taken for others, where that leaves less: a decision fewer, or fewer steps. */
import { siteAt } from '../choice/site.ts';
import { type DecisionRecord, VALUE } from '../trace/record.ts';
import { isOfProgram } from './drawn.ts';
import type { Reduction } from './reduction.ts';

/** Of longer records, there are too many pairs. */
const TRADED_MAX = 6;
/** What is tried for an amount, by its own: each a third more, up to four times it. */
const RATIOS: readonly number[] = Array.from({ length: 22 }, (_, at) => (3 / 4) ** (at - 5));
/** Attempts that are always worth it, as many as came before besides. */
const ATTEMPTS_MIN = 100;
/** An amount that is no calmer must leave no more of the steps than this. */
const FEWER = 7 / 8;

/**
 * Leaves decisions out while another one has another amount, all others first and then each: two that
 * fail together may do what one does alone elsewhere, and neither leaving out nor halving comes there by
 * runs that fail. It takes no longer than all that came before.
 */
export async function trade(left: Reduction): Promise<void> {
  if (left.size > TRADED_MAX || left.size < 2) return;
  const { record } = left;
  const alone = entriesWhere(record, () => true).flatMap((kept) =>
    otherAmounts(record, kept).map((other) => other.filtered((entry) => entry === kept)),
  );
  const oneLess = Array.from({ length: left.size }, (_, dropped) =>
    entriesWhere(record, (entry) => entry !== dropped).flatMap((changed) =>
      otherAmounts(record, changed).map((other) => other.filtered((entry) => entry !== dropped)),
    ),
  );
  const candidates = [...alone, ...oneLess.reverse().flat()];
  await left.firstOf(candidates.slice(0, Math.max(ATTEMPTS_MIN, left.attempts)));
}

/**
 * Takes other amounts for what the program draws, where the run is much shorter with them: the lowest
 * may make it go around more often.
 */
export async function shorten(left: Reduction): Promise<void> {
  if (left.size > TRADED_MAX) return;
  const isMine = (entry: number): boolean => isOfProgram(siteAt(left.record.site(entry)));
  for (let changes = -1; changes < left.changes && left.inBudget; ) {
    changes = left.changes;
    for (const entry of entriesWhere(left.record, isMine).reverse()) {
      if (entry >= left.size) continue;
      const stepsMax = Math.floor(left.steps * FEWER);
      await left.firstOf(otherAmounts(left.record, entry), stepsMax);
    }
  }
}

/** Amounts for which this holds. */
function entriesWhere(record: DecisionRecord, holds: (entry: number) => boolean): number[] {
  const all = Array.from({ length: record.count }, (_, entry) => entry);
  return all.filter((entry) => record.kind(entry) === VALUE && holds(entry));
}

function otherAmounts(record: DecisionRecord, changed: number): DecisionRecord[] {
  const amount = record.outcome(changed);
  const amounts = new Set(RATIOS.map((ratio) => Math.floor(amount * ratio)));
  amounts.delete(amount);
  return [...amounts].map((other) =>
    record.mapped((entry) => (entry === changed ? other : record.outcome(entry))),
  );
}
