/**
 * Makes a failing run small: drops nodes, operations, faults and decisions as long as it fails in the same
 * way, and brings what is left as near to the calmest as it can be.
 *
 * A decision that is dropped takes its calmest outcome (sim/choice/replay.ts), so a candidate is the
 * record with some entries left out, and one attempt is one run. Groups go first (whole spans, sites,
 * actors), then halves, quarters, … single entries, as in delta debugging (A. Zeller, R. Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002). Then magnitudes and moments are
 * halved, and decisions moved to where they come earlier; of few, one is left out for another amount of
 * another one. It ends when nothing single can go any more.
 * After each success only what that run needed is kept.
 */
import type { Subject } from '../explore/subject.ts';
import { Calming } from './calm.ts';
import { dropAll, dropEntries, dropGroups, dropSpans, type Grain } from './drop.ts';
import { Hastening } from './hasten.ts';
import { type Budget, type Failing, Reduction, type Shrunk } from './reduction.ts';
import { SmallerPlan } from './smaller-plan.ts';
import { shorten, trade } from './trade.ts';

/**
 * @throws NotReproduced
 */
export async function shrink(subject: Subject, failing: Failing, budget: Budget): Promise<Shrunk> {
  const left = new Reduction(subject, failing, budget);
  const plan = new SmallerPlan(left);
  const calming = new Calming(left);
  const hastening = new Hastening(left);
  await left.reproduce();
  await dropAll(left);
  for (const kind of ['operation', 'fault', 'knob'] as const) await dropSpans(left, kind);
  const drop = async (grain: Grain): Promise<void> => {
    await plan.dropNodes();
    await plan.lessWork();
    await dropGroups(left, (record, entry) => record.site(entry), grain);
    await dropGroups(left, (record, entry) => record.actor(entry), grain);
    await dropGroups(left, (record, entry) => record.span(entry) || undefined, 'single');
    await dropEntries(left, grain);
  };
  let changes: number;
  let grain: Grain = 'chunks';
  do {
    changes = left.changes;
    await drop(grain);
    await calming.calm();
    await hastening.hasten();
    grain = 'single';
    if (left.changes === changes) await trade(left);
  } while (left.changes > changes && left.inBudget);
  // Calming would take this back, so it comes last.
  await shorten(left);
  while (left.changes > changes && left.inBudget) {
    changes = left.changes;
    await drop('single');
  }
  return left.outcome();
}
