// Linearizability of a queue whose values are all different, without a search.
//
// 1. Every dequeued value was enqueued, once, and its dequeue did not return before that.
// 2. First in, first out: no value v whose enqueue returned before w's was called is dequeued,
//    or left in the queue, after w.
// 3. A dequeue that found the queue empty reaches out of the time in which it cannot have been:
//    value v is in it from its enqueue's return to its dequeue's call at least.
//
//      ├ enq v ┤▓▓▓▓▓▓▓▓▓▓▓├ deq v ┤         ▓ not empty
//                   ├ enq w ┤▓▓▓▓▓▓▓▓▓├ deq w ┤
//                     ├ empty? no ┤
//
// A dequeue of unknown outcome may have taken any value that nobody is known to have taken. By rule 2
// some of these must be gone by a deadline; the dequeues called first go to the earliest deadlines.
//
// Sources: Henzinger, Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs", 2013; Lee and
// Mathur, "Decrease-and-conquer", 2025. Part of every test run: comparison with exhaustive search.

import { firstAfter } from '../ascending.ts';
import type { History } from '../history.ts';
import { Numbering } from '../numbering.ts';
import { operationInWords } from '../words.ts';
import type { Decision } from './model.ts';

const METHOD = 'order';
const NONE = -1;
const NEVER = Number.POSITIVE_INFINITY;
/** When a dequeue returned that is known to have happened but never came back: before {@link NEVER}. */
const AT_LAST = Number.MAX_VALUE;

/** The values, numbered. Operations are positions in the part. */
interface Values {
  readonly count: number;
  readonly enqueue: Int32Array;
  readonly dequeue: Int32Array;
  /** Ascending, since values are numbered in the order of these calls. */
  readonly enqueueCalled: Float64Array;
  readonly enqueueReturned: Float64Array;
  readonly dequeueCalled: Float64Array;
  readonly dequeueReturned: Float64Array;
  /** Dequeues that returned null, and those that may have taken any value, in order of call. */
  readonly empty: readonly number[];
  readonly takers: readonly number[];
}

/** `undefined` when a value is enqueued twice, or it depends on what unknown dequeues took. */
export function decideQueue(history: History, part: Int32Array): Decision | undefined {
  const values = valuesOf(history, part);
  if (values === undefined || 'valid' in values) return values;
  letTakersTake(history, part, values);
  const overtaken = outOfOrder(history, part, values);
  if (overtaken !== undefined) return overtaken;
  const refuted = emptyTooEarly(history, part, values);
  if (refuted === undefined) return { valid: true, by: METHOD };
  return values.takers.length === 0 ? refuted : undefined;
}

function valuesOf(history: History, part: Int32Array): Values | Decision | undefined {
  const numbers = new Numbering(4 * part.length);
  const valueAt = new Int32Array(part.length);
  const takers: number[] = [];
  for (let i = 0; i < part.length; i++) {
    const { name, input, outcome, output } = history[part[i]!]!;
    if (name === 'enqueue') {
      valueAt[i] = numbers.count;
      if (numbers.add(input) !== valueAt[i]) return undefined;
    } else if (outcome !== 'ok') takers.push(i);
    else if (output === undefined) return undefined;
  }
  const count = numbers.count;
  const enqueue = new Int32Array(count);
  const dequeue = new Int32Array(count).fill(NONE);
  const enqueueReturned = new Float64Array(count);
  const enqueueCalled = new Float64Array(count);
  const dequeueCalled = new Float64Array(count).fill(NEVER);
  const dequeueReturned = new Float64Array(count).fill(NEVER);
  const empty: number[] = [];
  const words = (position: number) => operationInWords(history[part[position]!]!);
  for (let i = 0; i < part.length; i++) {
    const { name, output, outcome, called, returned } = history[part[i]!]!;
    if (name === 'enqueue') {
      enqueue[valueAt[i]!] = i;
      enqueueCalled[valueAt[i]!] = called;
      enqueueReturned[valueAt[i]!] = outcome === 'ok' ? returned : NEVER;
      continue;
    }
    if (outcome !== 'ok') continue;
    if (output === null) {
      empty.push(i);
      continue;
    }
    const value = numbers.get(output!);
    if (value === NONE) return invalid(part, [i], `${words(i)} took a value that nobody enqueued`);
    if (dequeue[value] !== NONE) {
      const message = `${words(dequeue[value]!)} and ${words(i)} took the same value`;
      return invalid(part, [dequeue[value]!, i], message);
    }
    dequeue[value] = i;
    dequeueCalled[value] = called;
    dequeueReturned[value] = Math.min(returned, AT_LAST);
  }
  for (let value = 0; value < count; value++) {
    if (dequeueReturned[value]! >= enqueueCalled[value]!) continue;
    const [out, in_] = [dequeue[value]!, enqueue[value]!];
    const message = `${words(out)} returned before ${words(in_)} was called`;
    return invalid(part, [out, in_], message);
  }
  return {
    count,
    enqueue,
    dequeue,
    enqueueCalled,
    enqueueReturned,
    dequeueCalled,
    dequeueReturned,
    empty,
    takers,
  };
}

/** Gives the unknown dequeues to the values that by rule 2 must be gone at some time. */
function letTakersTake(history: History, part: Int32Array, values: Values): void {
  const { count, takers, enqueueCalled, enqueueReturned, dequeue } = values;
  const { dequeueCalled, dequeueReturned } = values;
  if (takers.length === 0) return;
  /** By w: the earliest return of a dequeue of w or of a value enqueued later. */
  const deadlines = dequeueReturned.slice();
  for (let w = count - 2; w >= 0; w--) deadlines[w] = Math.min(deadlines[w]!, deadlines[w + 1]!);
  const due: { value: number; deadline: number }[] = [];
  for (let value = 0; value < count; value++) {
    if (dequeue[value] !== NONE) continue;
    const w = firstAfter(enqueueCalled, enqueueReturned[value]!);
    if (w < count && deadlines[w] !== NEVER) due.push({ value, deadline: deadlines[w]! });
  }
  due.sort((a, b) => a.deadline - b.deadline);
  for (const [i, { value }] of due.entries()) {
    const taker = takers[i];
    if (taker !== undefined) dequeueCalled[value] = history[part[taker]!]!.called;
  }
}

/** Looks for values v, w where v was in before w's enqueue began and w was out before v's dequeue. */
function outOfOrder(history: History, part: Int32Array, values: Values): Decision | undefined {
  const { count, enqueueCalled, enqueueReturned, dequeueCalled, dequeueReturned } = values;
  /** By w: of the values that were in before w, but not before w's predecessor, the one out last. */
  const outLast = new Int32Array(count + 1).fill(NONE);
  for (let v = 0; v < count; v++) {
    const w = firstAfter(enqueueCalled, enqueueReturned[v]!);
    if (outLast[w] === NONE || dequeueCalled[v]! > dequeueCalled[outLast[w]!]!) outLast[w] = v;
  }
  let v = NONE;
  for (let w = 0; w < count; w++) {
    const other = outLast[w]!;
    if (v === NONE || (other !== NONE && dequeueCalled[other]! > dequeueCalled[v]!)) v = other;
    if (v === NONE || dequeueCalled[v]! <= dequeueReturned[w]!) continue;
    const words = (position: number) => operationInWords(history[part[position]!]!);
    const { enqueue, dequeue } = values;
    const left =
      dequeue[v] === NONE ? 'which was never taken' : `which ${words(dequeue[v]!)} took later`;
    const message = `${words(dequeue[w]!)} overtook ${words(enqueue[v]!)}, ${left}`;
    return invalid(part, [enqueue[v]!, enqueue[w]!, dequeue[w]!], message);
  }
  return undefined;
}

/** Looks for a dequeue that returned null while some value or other was in all the time. */
function emptyTooEarly(history: History, part: Int32Array, values: Values): Decision | undefined {
  if (values.empty.length === 0) return undefined;
  const { starts, ends } = timesNotEmpty(values);
  for (const position of values.empty) {
    const { called, returned } = history[part[position]!]!;
    const interval = firstAfter(ends, Math.min(returned, AT_LAST));
    if (interval === ends.length || starts[interval]! >= called) continue;
    const message = `${operationInWords(history[part[position]!]!)} found the queue empty, but it held a value from ${starts[interval]} to ${ends[interval]}`;
    return invalid(part, [position], message);
  }
  return undefined;
}

/** The longest intervals throughout which some value is in: disjoint and ascending. */
function timesNotEmpty(values: Values): { starts: Float64Array; ends: Float64Array } {
  const { count, enqueueReturned, dequeueCalled } = values;
  const ins = new Float64Array(count);
  const outs = new Float64Array(count);
  let stays = 0;
  for (let value = 0; value < count; value++) {
    if (enqueueReturned[value]! >= dequeueCalled[value]!) continue;
    ins[stays] = enqueueReturned[value]!;
    outs[stays++] = dequeueCalled[value]!;
  }
  const entered = ins.subarray(0, stays).sort();
  const left = outs.subarray(0, stays).sort();
  const starts: number[] = [];
  const ends: number[] = [];
  for (let i = 0, j = 0; j < stays; ) {
    // A call and a return at one time: the call is first, so the queue may be empty in between.
    if (i < stays && entered[i]! < left[j]!) {
      if (i === j) starts.push(entered[i]!);
      i++;
    } else {
      j++;
      if (i === j) ends.push(left[j - 1]!);
    }
  }
  return { starts: Float64Array.from(starts), ends: Float64Array.from(ends) };
}

function invalid(part: Int32Array, positions: readonly number[], message: string): Decision {
  const operations = positions.map((position) => part[position]!);
  return { valid: false, by: METHOD, message, operations };
}
