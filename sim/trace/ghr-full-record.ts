/**
 * All that a run did, in a `.ghr` file. Parts as in bytes.ts.
 *
 *     full      list of texts names, steps, events
 *     steps     list, each:
 *                 varint    its number, less that of the step before
 *                 2 x i32   identity, low lane first
 *                 varint    site: its place in names
 *                 varint    its number, less that of its cause; 0 where it has none
 *                 varint    actor: its place in names
 *                 varint    its moment in ns, less that of the step before
 *                 i32       half of the digest before it
 *     events    list, each:
 *                 u8        kind: its place in EVENT_KINDS
 *                 varint    step
 *                 varint    moment in ns
 *                 varint    node: its place in names
 *                 text
 *                 list of varints: its frames' places in names; of none and of no frames alike 0
 *                 optional about: list of varints nodes: their places in names; optional text fault;
 *                           flag whether the fault ends
 *
 * Before the first step everything is 0. Names stand in the order in which they are first needed.
 */
import { assert } from '../env/assert.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { type About, EVENT_KINDS, type RunEvent } from './event.ts';
import { type FullRecord, type RecordedStep, Steps } from './full-record.ts';

const INT32_MAX = 2 ** 31 - 1;

export function writeFullRecord(out: ByteWriter, { steps, events }: FullRecord): void {
  const names = new Names();
  for (const { site, actor } of steps) names.use(site, actor);
  for (const { node, frames = [], about } of events) {
    names.use(node, ...frames, ...(about?.nodes ?? []));
  }
  out.texts(names.used);
  out.varint(steps.count);
  let before: Pick<RecordedStep, 'number' | 'atNs'> = { number: 0, atNs: 0 };
  for (const step of steps) {
    assert(
      step.cause === 0 || step.cause < step.number,
      'a step is made pending by an earlier one',
    );
    out.varint(step.number - before.number);
    out.i32(step.lo);
    out.i32(step.hi);
    out.varint(names.numberOf(step.site));
    out.varint(step.cause === 0 ? 0 : step.number - step.cause);
    out.varint(names.numberOf(step.actor));
    out.varint(step.atNs - before.atNs);
    out.i32(step.before);
    before = step;
  }
  out.list(events, ({ kind, step, atNs, node, text, frames = [], about }) => {
    out.u8(EVENT_KINDS.indexOf(kind));
    out.varint(step);
    out.varint(atNs);
    out.varint(names.numberOf(node));
    out.text(text);
    out.list(frames, (frame) => out.varint(names.numberOf(frame)));
    out.optional(about, ({ nodes, fault, ends }) => {
      out.list(nodes, (name) => out.varint(names.numberOf(name)));
      out.optional(fault, (part) => out.text(part));
      out.flag(ends === true);
    });
  });
}

export function readFullRecord(read: ByteReader): FullRecord {
  const names = read.texts();
  const name = (what: string): string => names[read.varintUpTo(names.length - 1, what)]!;
  const steps = new Steps();
  const count = read.varintUpTo(read.left, 'the count of steps');
  let number = 0;
  let atNs = 0;
  for (let step = 0; step < count; step++) {
    number += read.varintUpTo(INT32_MAX - number, 'the number of a step');
    const [lo, hi] = [read.i32(), read.i32()];
    const site = name('the site of a step');
    const back = read.varintUpTo(Math.max(0, number - 1), 'the way back to the cause of a step');
    const actor = name('the actor of a step');
    atNs += read.varintUpTo(Number.MAX_SAFE_INTEGER - atNs, 'the moment of a step');
    const cause = back === 0 ? 0 : number - back;
    steps.push({ number, lo, hi, site, cause, actor, atNs, before: read.i32() });
  }
  return { steps, events: read.list(() => readEvent(read, name)) };
}

function readEvent(read: ByteReader, name: (what: string) => string): RunEvent {
  const event = {
    kind: EVENT_KINDS[read.u8UpTo(EVENT_KINDS.length - 1, 'the kind of an event')]!,
    step: read.varint(),
    atNs: read.varint(),
    node: name('the node of an event'),
    text: read.text(),
  };
  const frames = read.list(() => name('a frame of an event'));
  const about = read.optional((): About => {
    const nodes = read.list(() => name('a node that an event is about'));
    const fault = read.optional(() => read.text());
    const ends = read.flag();
    return { nodes, ...(fault !== undefined && { fault }), ...(ends && { ends }) };
  });
  return { ...event, ...(frames.length > 0 && { frames }), ...(about && { about }) };
}

/** Numbers names in the order in which they are first needed. */
class Names {
  readonly used: string[] = [];
  private readonly numbers = new Map<string, number>();

  use(...names: readonly string[]): void {
    for (const name of names) {
      if (!this.numbers.has(name)) this.numbers.set(name, this.used.push(name) - 1);
    }
  }

  numberOf(name: string): number {
    const number = this.numbers.get(name);
    assert(number !== undefined, 'every name of a record is in its table');
    return number;
  }
}
