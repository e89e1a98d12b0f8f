/** A decision in an earlier place: what befell the eighth request may as well befall the first. */
import { type DecisionRecord, STEP } from '../trace/record.ts';

/** Places or moments tried of one decision at a time. */
const TRIED_MAX = 12;

/**
 * `left` with one decision earlier, the earliest first. A step has another moment: halving has found the
 * least one only if no later one passes, and what happens to things that come each period fails and
 * passes by turns. Any other decision goes to an earlier step that is asked the same, with all else that
 * its step decided: so a fault goes as a whole. `whole` is all that the run of `left` decided.
 */
export function earlier(
  left: DecisionRecord,
  entry: number,
  whole: DecisionRecord,
): DecisionRecord[] {
  if (left.kind(entry) === STEP) return atEarlierMoments(left, entry);
  const together = ofOneStep(left, entry);
  const places = placesBefore(left, entry, whole).filter(
    (place) => together.size === 1 || whole.ordinal(place) === left.ordinal(entry),
  );
  const tried = Math.min(TRIED_MAX, places.length);
  return Array.from({ length: tried }, (_, part) => {
    const place = places[Math.floor((places.length * part) / tried)]!;
    return left.moved((other) => together.has(other), {
      lo: whole.lo(place),
      hi: whole.hi(place),
      ordinal: (other) => (other === entry ? whole.ordinal(place) : left.ordinal(other)),
    });
  });
}

function atEarlierMoments(left: DecisionRecord, entry: number): DecisionRecord[] {
  const moment = left.outcome(entry);
  return Array.from({ length: TRIED_MAX }, (_, part) => {
    const before = Math.floor((moment * part) / TRIED_MAX);
    return left.mapped((other) => (other === entry ? before : left.outcome(other)));
  });
}

/** What the step of this decision decided, its own moment apart. */
function ofOneStep(left: DecisionRecord, entry: number): Set<number> {
  const together = new Set<number>();
  for (let other = 0; other < left.count; other++) {
    const same = left.lo(other) === left.lo(entry) && left.hi(other) === left.hi(entry);
    if (same && left.kind(other) !== STEP) together.add(other);
  }
  return together;
}

/** Entries of `whole` that ask the same, before it does, and are not themselves among what is left. */
function placesBefore(left: DecisionRecord, entry: number, whole: DecisionRecord): number[] {
  const name = left.nameOf(entry);
  const taken = new Set<string>();
  for (let other = 0; other < left.count; other++) taken.add(left.nameOf(other));
  const places: number[] = [];
  for (let place = 0; place < whole.count; place++) {
    const other = whole.nameOf(place);
    if (other === name) return places;
    const asksTheSame =
      whole.kind(place) === left.kind(entry) && whole.site(place) === left.site(entry);
    if (asksTheSame && !taken.has(other)) places.push(place);
  }
  return [];
}
