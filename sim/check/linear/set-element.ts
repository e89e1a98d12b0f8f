// Linearizability of one element of a set that is added and removed at most once, in one pass.
//
// The element is there from a point in its add to a point in its remove. Both points are chosen so
// that it is there for as short as possible: A is the latest point of the add that whoever saw the
// element allows, R the earliest point of the remove.
//
//      ├──── add ────┤A             R├──── remove ────┤
//           absent ├──┤   ├─ present ─┤      ├──┤ absent
//
// R before A: the two can stand side by side, and the element was there for no time at all.
// Otherwise an operation that missed the element must reach out of [A, R].

import type { History, Operation } from '../history.ts';
import { print } from '../plain.ts';
import { operationInWords } from '../words.ts';
import type { Decision } from './model.ts';

const METHOD = 'points';

interface Observations {
  add: number;
  remove: number;
  readonly present: number[];
  readonly absent: number[];
}

const NONE = -1;

/** `undefined` when the element is added or removed more than once, or perhaps to no effect. */
export function decideElement(history: History, part: Int32Array): Decision | undefined {
  const seen = observe(history, part);
  if (seen === undefined) return undefined;
  if (seen.remove === NONE || history[seen.remove]!.outcome === 'ok') {
    return decideWith(history, seen);
  }
  // A remove of unknown outcome has happened, or it has not.
  const happened = decideWith(history, seen);
  return happened.valid ? happened : decideWith(history, { ...seen, remove: NONE });
}

function observe(history: History, part: Int32Array): Observations | undefined {
  const seen: Observations = { add: NONE, remove: NONE, present: [], absent: [] };
  for (const i of part) {
    const { name, output, outcome } = history[i]!;
    if (name === 'contains') {
      if (outcome === 'ok' && output !== undefined) (output ? seen.present : seen.absent).push(i);
    } else if (name === 'add') {
      if (output === false) seen.present.push(i);
      else if (seen.add !== NONE) return undefined;
      else seen.add = i;
    } else if (output === false) {
      seen.absent.push(i);
    } else {
      if (seen.remove !== NONE || (outcome === 'ok' && output !== true)) return undefined;
      seen.remove = i;
    }
  }
  return seen;
}

function decideWith(history: History, { add, remove, present, absent }: Observations): Decision {
  const at = (i: number) => history[i]!;
  const removed = remove === NONE ? undefined : at(remove);
  const witnesses = removed?.outcome === 'ok' ? [...present, remove] : present;
  const [first] = witnesses;
  if (add === NONE) {
    if (first === undefined) return { valid: true, by: METHOD };
    return invalid([first], `${operationInWords(at(first))} saw an element that nobody added`);
  }
  if (at(add).outcome !== 'ok' && first === undefined) return { valid: true, by: METHOD };

  const early = least(witnesses, (i) => at(i).returned);
  const late = least(present, (i) => -at(i).called);
  const latestAdd = Math.min(returnOf(at(add)), early === NONE ? Infinity : at(early).returned);
  if (latestAdd < at(add).called) {
    const message = `${operationInWords(at(early))} saw the element before ${operationInWords(at(add))} was called`;
    return invalid([early, add], message);
  }
  const earliestRemove =
    removed === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(removed.called, at(add).called, late === NONE ? -Infinity : at(late).called);
  if (removed !== undefined && earliestRemove > returnOf(removed)) {
    const message = `${operationInWords(at(late))} saw the element after ${operationInWords(removed)} had returned`;
    return invalid([late, remove], message);
  }
  if (earliestRemove <= latestAdd) return { valid: true, by: METHOD };
  for (const i of absent) {
    // What is never removed is there for ever, even for an operation that never came back.
    const reachesOut = removed !== undefined && at(i).returned >= earliestRemove;
    if (at(i).called <= latestAdd || reachesOut) continue;
    const message = `${operationInWords(at(i))} missed the element ${print(at(add).input)}, which was there from ${latestAdd} to ${earliestRemove}`;
    return invalid([i, add], message);
  }
  return { valid: true, by: METHOD };
}

function least(operations: readonly number[], measure: (operation: number) => number): number {
  let best = NONE;
  for (const i of operations) if (best === NONE || measure(i) < measure(best)) best = i;
  return best;
}

function returnOf({ outcome, returned }: Operation): number {
  return outcome === 'ok' ? returned : Number.POSITIVE_INFINITY;
}

function invalid(operations: readonly number[], message: string): Decision {
  return { valid: false, by: METHOD, message, operations };
}
