/**
 * Decisions in a `.ghr` file. Parts as in bytes.ts.
 *
 *     decisions  list of texts sites, list of texts actors, spans, entries
 *     spans      list of those after span 0: u8 kind: its place in SPAN_KINDS, varint parent, which
 *                stands earlier, text label
 *     entries    list, each:
 *                  u8        bits 0-1 kind; bits 2-4: identity, span, actor are left out, being those
 *                            of the entry before; bit 5: the ordinal is left out, being 0; bit 6: the
 *                            outcome is negative; bit 7 is 0
 *                  varint    site
 *                  2 x i32   identity, low lane first
 *                  varint    ordinal
 *                  varint    span
 *                  varint    actor
 *                  varint    size of the outcome; of a step's, less that of the step before
 *
 * Before the first entry everything is 0. What a step draws follows it, so most identities are left
 * out. Only sites and actors that entries name are listed, in the order in which entries name them.
 */
import { assert } from '../env/assert.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { DECISION_KINDS, DecisionRecord, SITES_MAX, SPAN_KINDS, STEP, VALUE } from './record.ts';
import type { NamedDecisions } from './recorded-run.ts';

const KIND = 0b11;
const SAME_IDENTITY = 1 << 2;
const SAME_SPAN = 1 << 3;
const SAME_ACTOR = 1 << 4;
const NO_ORDINAL = 1 << 5;
const NEGATIVE = 1 << 6;
const UNUSED = 1 << 7;

const INT32_MAX = 2 ** 31 - 1;

export function writeDecisions(out: ByteWriter, { record, sites, actors }: NamedDecisions): void {
  const siteTable = new NameTable(sites);
  const actorTable = new NameTable(actors);
  for (let entry = 0; entry < record.count; entry++) {
    siteTable.use(record.site(entry));
    actorTable.use(record.actor(entry));
  }
  out.texts(siteTable.used);
  out.texts(actorTable.used);
  writeSpans(out, record);
  out.varint(record.count);
  let lo = 0;
  let hi = 0;
  let span = 0;
  let actor = 0;
  let momentNs = 0;
  for (let entry = 0; entry < record.count; entry++) {
    const kind = record.kind(entry);
    const ordinal = record.ordinal(entry);
    const nextActor = actorTable.numberOf(record.actor(entry));
    const sameIdentity = record.lo(entry) === lo && record.hi(entry) === hi;
    const outcome = record.outcome(entry);
    const change = kind === STEP ? outcome - momentNs : outcome;
    assert(Number.isSafeInteger(change), 'an outcome is a whole number below 2^53');
    assert(record.span(entry) < record.spans.length, 'an entry is in a span of its record');
    let flags = kind;
    if (sameIdentity) flags |= SAME_IDENTITY;
    if (record.span(entry) === span) flags |= SAME_SPAN;
    if (nextActor === actor) flags |= SAME_ACTOR;
    if (ordinal === 0) flags |= NO_ORDINAL;
    if (change < 0) flags |= NEGATIVE;
    out.u8(flags);
    out.varint(siteTable.numberOf(record.site(entry)));
    if (!sameIdentity) {
      out.i32((lo = record.lo(entry)));
      out.i32((hi = record.hi(entry)));
    }
    if (ordinal !== 0) out.varint(ordinal);
    if (record.span(entry) !== span) out.varint((span = record.span(entry)));
    if (nextActor !== actor) out.varint((actor = nextActor));
    out.varint(Math.abs(change));
    if (kind === STEP) momentNs = outcome;
  }
}

export function readDecisions(read: ByteReader): NamedDecisions {
  const sites = read.texts();
  if (sites.length > SITES_MAX) read.fail(`${sites.length} sites, and at most ${SITES_MAX} can be`);
  const actors = read.texts();
  const record = new DecisionRecord();
  readSpans(read, record);
  const count = read.varintUpTo(read.left, 'the count of entries');
  let lo = 0;
  let hi = 0;
  let span = 0;
  let actor = 0;
  let momentNs = 0;
  for (let entry = 0; entry < count; entry++) {
    const flags = read.u8UpTo(UNUSED - 1, 'what an entry leaves out');
    const kind = flags & KIND;
    if (kind >= DECISION_KINDS.length) read.fail(`an entry is of kind ${kind}`);
    const site = read.varintUpTo(sites.length - 1, 'the site of an entry');
    if ((flags & SAME_IDENTITY) === 0) {
      lo = read.i32();
      hi = read.i32();
    }
    const ordinal = flags & NO_ORDINAL ? 0 : read.varintUpTo(INT32_MAX, 'an ordinal');
    if ((flags & SAME_SPAN) === 0) span = read.varintUpTo(record.spans.length - 1, 'a span');
    if ((flags & SAME_ACTOR) === 0) actor = read.varintUpTo(actors.length - 1, 'an actor');
    else if (actors.length === 0) read.fail('an entry has no actor');
    const size = read.varint();
    if (size === 0 && flags & NEGATIVE) read.fail('an outcome is -0');
    let outcome = flags & NEGATIVE ? -size : size;
    if (kind === STEP) {
      outcome += momentNs;
      momentNs = outcome;
    }
    const min = kind === VALUE ? Number.MIN_SAFE_INTEGER : 0;
    if (!(outcome >= min && outcome <= Number.MAX_SAFE_INTEGER)) {
      read.fail(`the outcome of a ${DECISION_KINDS[kind]} is ${outcome}`);
    }
    record.push(kind, site, lo, hi, ordinal, span, actor, outcome);
  }
  return { record, sites, actors };
}

function writeSpans(out: ByteWriter, { spans }: DecisionRecord): void {
  out.varint(spans.length - 1);
  for (const [number, { kind, label, parent }] of spans.entries()) {
    if (number === 0) continue;
    assert(parent < number, 'a span lies in one that was opened before it');
    out.u8(SPAN_KINDS.indexOf(kind));
    out.varint(parent);
    out.text(label);
  }
}

function readSpans(read: ByteReader, record: DecisionRecord): void {
  const count = read.varintUpTo(read.left, 'the count of spans');
  for (let number = 1; number <= count; number++) {
    const kind = SPAN_KINDS[read.u8UpTo(SPAN_KINDS.length - 1, "a span's kind")]!;
    const parent = read.varintUpTo(number - 1, "a span's parent");
    record.openSpan(kind, read.text(), parent);
  }
}

/** Numbers names anew, in the order in which they are used. */
class NameTable {
  readonly used: string[] = [];
  private readonly names: readonly string[];
  private readonly numbers: (number | undefined)[] = [];

  constructor(names: readonly string[]) {
    this.names = names;
  }

  use(old: number): void {
    if (this.numbers[old] !== undefined) return;
    const name = this.names[old];
    assert(name !== undefined, 'every site and actor of a record has a name');
    this.numbers[old] = this.used.push(name) - 1;
  }

  numberOf(old: number): number {
    return this.numbers[old]!;
  }
}
