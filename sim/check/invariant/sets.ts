import type { Plain } from '../../env/net.ts';
import { type History, HistoryError } from '../history.ts';
import { isList, type Key, keyOf, print } from '../plain.ts';
import type { Anomaly, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';
import { conclude, undecided } from './conclude.ts';

/**
 * The last read of a set, which is the one that returned last, has every element whose `add` had
 * returned by its call, and none whose `add` was not called by its return.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `add` | an element | |
 * | `read` | | the list of all elements |
 *
 * @throws HistoryError `bad-input`
 */
export function finalSet(history: History): Verdict {
  const model = 'final-set';
  const last = lastRead(history);
  if (last === undefined) return undecided(history, model, 'the set was never read');
  const { called: readCalled, returned: readReturned } = history[last]!;
  const seen = elementsIn(history, last);
  const attempted = new Map<Key, Plain>();
  const added = new Map<Key, number>();
  for (const [index, { name, input, outcome, called, returned }] of history.entries()) {
    if (name !== 'add' || outcome === 'fail') continue;
    if (called <= readReturned) attempted.set(keyOf(input), input);
    if (outcome === 'ok' && returned < readCalled) added.set(keyOf(input), index);
  }
  const anomalies: Anomaly[] = [];
  const read = operationInWords(history[last]!);
  for (const [element, index] of added) {
    if (seen.has(element)) continue;
    const message = `${operationInWords(history[index]!)} is lost: the last read does not have it`;
    anomalies.push({ name: 'lost', message, operations: [index, last] });
  }
  for (const [key, element] of seen) {
    if (attempted.has(key)) continue;
    const message = `${print(element)} was read and never added until then: ${read}`;
    anomalies.push({ name: 'unexpected', message, operations: [last] });
  }
  return conclude(history, model, anomalies, `${seen.size} elements were read`);
}

function lastRead(history: History): number | undefined {
  let last: number | undefined;
  for (const [index, { name, outcome, output, returned }] of history.entries()) {
    if (name !== 'read' || outcome !== 'ok' || output === undefined) continue;
    if (last === undefined || returned >= history[last]!.returned) last = index;
  }
  return last;
}

/** What became of one element, which may have been added several times. */
interface Element {
  readonly element: Plain;
  /** The index of the add that returned first, and the earliest call of any. */
  add: number;
  called: number;
  /** When it was known to be in: its add had returned, or a read had seen it. */
  known: number;
  /** The latest calls of reads that had it, and that did not, and the index of the latter. */
  present: number;
  absent: number;
  missedBy: number;
}

/**
 * Every element of a set, through all reads: once it is known to be in, it stays.
 *
 * An element is lost when the latest read that was called after it was known does not have it. It
 * was late if some such read did not have it, but later ones did; that is counted in the reason
 * and is no violation, as the set may be slow. An element may be in a list once.
 *
 * @throws HistoryError `bad-input`
 */
export function setFull(history: History): Verdict {
  const model = 'set-full';
  const elements = addedElements(history);
  const anomalies: Anomaly[] = [];
  observe(history, elements, anomalies);
  let stable = 0;
  let late = 0;
  let neverRead = 0;
  for (const { add, known, present, absent, missedBy } of elements.values()) {
    if (present > absent) {
      stable++;
      if (absent > known) late++;
    } else if (known < absent) {
      const message = `${operationInWords(history[add]!)} is lost: ${operationInWords(history[missedBy]!)} does not have it`;
      anomalies.push({ name: 'lost', message, operations: [add, missedBy] });
    } else neverRead++;
  }
  if (anomalies.length === 0 && stable === 0) {
    return undecided(history, model, 'no element was ever read');
  }
  const reason = `${stable} elements are there to stay, ${late} of them late, ${neverRead} were never read`;
  return conclude(history, model, anomalies, reason);
}

function addedElements(history: History): Map<Key, Element> {
  const elements = new Map<Key, Element>();
  for (const [add, { name, input, outcome, called, returned }] of history.entries()) {
    if (name !== 'add' || outcome === 'fail') continue;
    const known = outcome === 'ok' ? returned : Infinity;
    const before = elements.get(keyOf(input));
    if (before !== undefined) {
      before.called = Math.min(before.called, called);
      if (known < before.known) Object.assign(before, { add, known });
      continue;
    }
    elements.set(keyOf(input), {
      element: input,
      add,
      called,
      known,
      present: Number.NEGATIVE_INFINITY,
      absent: Number.NEGATIVE_INFINITY,
      missedBy: -1,
    });
  }
  return elements;
}

/**
 * Goes through the reads from the last one back. Each element is looked at until both a read that
 * has it and one that does not are found, so that the work is that of going through the lists.
 */
function observe(history: History, elements: Map<Key, Element>, anomalies: Anomaly[]): void {
  const reads = history
    .flatMap(({ name, outcome, output }, index) =>
      name === 'read' && outcome === 'ok' && output !== undefined ? [index] : [],
    )
    .sort((a, b) => history[b]!.called - history[a]!.called);
  /** By read: the latest return of it and those that were called before it. */
  const latestReturn = reads.map((index) => history[index]!.returned);
  for (let i = reads.length - 2; i >= 0; i--) {
    latestReturn[i] = Math.max(latestReturn[i]!, latestReturn[i + 1]!);
  }
  let maybeMissed = [...elements].sort(([, a], [, b]) => a.called - b.called);
  for (const [i, index] of reads.entries()) {
    const { called, returned } = history[index]!;
    const words = () => operationInWords(history[index]!);
    const seen = elementsIn(history, index, (element) => {
      const message = `${words()} has ${print(element)} twice`;
      anomalies.push({ name: 'duplicated', message, operations: [index] });
    });
    for (const [key, plain] of seen) {
      const element = elements.get(key);
      if (element === undefined || element.called > returned) {
        const until = element === undefined ? '' : ' until then';
        const message = `${words()} has ${print(plain)}, which nobody added${until}`;
        anomalies.push({ name: 'unexpected', message, operations: [index] });
        continue;
      }
      element.known = Math.min(element.known, returned);
      element.present = Math.max(element.present, called);
    }
    while (maybeMissed.length > 0 && maybeMissed.at(-1)![1].called > latestReturn[i]!) {
      maybeMissed.pop();
    }
    maybeMissed = maybeMissed.filter(([key, element]) => {
      if (seen.has(key) || element.called > returned) return true;
      element.absent = called;
      element.missedBy = index;
      return false;
    });
  }
}

function elementsIn(
  history: History,
  read: number,
  onDuplicate?: (element: Plain) => void,
): ReadonlyMap<Key, Plain> {
  const list = history[read]!.output;
  if (!isList(list)) {
    const message = `a read of a set returns a list, not ${print(list ?? null)}`;
    throw new HistoryError('bad-input', message, { operation: read });
  }
  const elements = new Map<Key, Plain>();
  for (const element of list) {
    if (elements.has(keyOf(element))) onDuplicate?.(element);
    elements.set(keyOf(element), element);
  }
  return elements;
}
