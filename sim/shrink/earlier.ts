/** A decision in an earlier place: what befell the eighth request may as well befall the first. */
import { type DecisionRecord, STEP } from '../trace/record.ts';

/** Places tried of one decision at a time. */
const PLACES_MAX = 6;

/**
 * `left` with the entry's outcome given to an earlier question at the same site instead: the earliest
 * first, then ever nearer to where it is. `whole` is all that the run of `left` decided. None for
 * steps, whose moments are brought forward by themselves.
 */
export function earlier(
  left: DecisionRecord,
  entry: number,
  whole: DecisionRecord,
): DecisionRecord[] {
  if (left.kind(entry) === STEP) return [];
  const places = placesBefore(left, entry, whole);
  const records: DecisionRecord[] = [];
  for (let at = 0; at < places.length && records.length < PLACES_MAX; ) {
    records.push(left.replaced(entry, whole, places[at]!));
    at += Math.max(1, (places.length - at) >> 1);
  }
  return records;
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
