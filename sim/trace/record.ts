/**
 * The record of a run: every decision that could have gone otherwise, in the order taken.
 *
 *     entry, 32 bytes:  0 kind | site    4 identity lo     8 identity hi    12 ordinal
 *                      16 span          20 actor          24 outcome (float64)
 *
 * - kind `step`: this step ran next; `outcome` is its moment (ns since the start), which the clock
 *   has passed where a program waited busily. One form under every strategy, never an index among
 *   candidates. `ordinal` is 0. A step that was withdrawn, or still pending at the end, is noted there
 *   with the moment it was meant for.
 * - kind `branch`: the outcome with this number was taken; 0 is the calmest.
 * - kind `value`: this magnitude was taken; the smallest is the calmest.
 *
 * For branches and values the identity is that of the step that asked, `ordinal` counts how often
 * it had asked at this site before. Decisions that had only one outcome are not recorded.
 */
export const DECISION_KINDS = ['step', 'branch', 'value'] as const;

export const STEP = 0;
export const BRANCH = 1;
export const VALUE = 2;

export const SPAN_KINDS = ['run', 'topology', 'knob', 'fault', 'operation'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** A group of decisions that a shrinker drops or calms as one. Span 0 is the run itself. */
export interface Span {
  readonly kind: SpanKind;
  readonly label: string;
  readonly parent: number;
}

/** Different sites of a record in a file; in memory numbers of sites take 30 bits of an entry. */
export const SITES_MAX = 65_536;

const SITE_BITS = 30;
const SITE_MASK: number = 2 ** SITE_BITS - 1;

const WORDS = 8;
const FIRST_ENTRIES = 4096;

export class DecisionRecord {
  count = 0;
  readonly spans: Span[] = [{ kind: 'run', label: 'run', parent: 0 }];
  private words = new Int32Array(FIRST_ENTRIES * WORDS);
  private outcomes = new Float64Array(this.words.buffer);

  push(
    kind: number,
    site: number,
    lo: number,
    hi: number,
    ordinal: number,
    span: number,
    actor: number,
    outcome: number,
  ): void {
    const at = this.count++ * WORDS;
    if (at === this.words.length) this.grow();
    const words = this.words;
    words[at] = (kind << SITE_BITS) | site;
    words[at + 1] = lo;
    words[at + 2] = hi;
    words[at + 3] = ordinal;
    words[at + 4] = span;
    words[at + 5] = actor;
    this.outcomes[(at >> 1) + 3] = outcome;
  }

  openSpan(kind: SpanKind, label: string, parent: number): number {
    return this.spans.push({ kind, label, parent }) - 1;
  }

  kind(entry: number): number {
    return this.words[entry * WORDS]! >>> SITE_BITS;
  }
  site(entry: number): number {
    return this.words[entry * WORDS]! & SITE_MASK;
  }
  lo(entry: number): number {
    return this.words[entry * WORDS + 1]!;
  }
  hi(entry: number): number {
    return this.words[entry * WORDS + 2]!;
  }
  ordinal(entry: number): number {
    return this.words[entry * WORDS + 3]!;
  }
  span(entry: number): number {
    return this.words[entry * WORDS + 4]!;
  }
  actor(entry: number): number {
    return this.words[entry * WORDS + 5]!;
  }
  outcome(entry: number): number {
    return this.outcomes[entry * 4 + 3]!;
  }

  /** A record of the entries that `keep` holds for, with all spans. */
  filtered(keep: (entry: number) => boolean): DecisionRecord {
    const kept = new DecisionRecord();
    for (const { kind, label, parent } of this.spans.slice(1)) kept.openSpan(kind, label, parent);
    for (let entry = 0; entry < this.count; entry++) {
      if (keep(entry)) kept.copy(this, entry);
    }
    return kept;
  }

  /** A copy with these outcomes. */
  mapped(outcomeOf: (entry: number) => number): DecisionRecord {
    const changed = this.filtered(() => true);
    for (let entry = 0; entry < this.count; entry++) {
      changed.outcomes[entry * 4 + 3] = outcomeOf(entry);
    }
    return changed;
  }

  /** A copy in which the entries that `goes` holds for are decisions of this step. */
  moved(
    goes: (entry: number) => boolean,
    { lo, hi, ordinal }: { lo: number; hi: number; ordinal: (entry: number) => number },
  ): DecisionRecord {
    const changed = this.filtered(() => true);
    for (let entry = 0; entry < this.count; entry++) {
      if (goes(entry)) changed.words.set([lo, hi, ordinal(entry)], entry * WORDS + 1);
    }
    return changed;
  }

  /** The same for one decision in every record of this process; no two of a record have it in common. */
  nameOf(entry: number): string {
    const kind = this.kind(entry);
    const step = `${kind}:${this.lo(entry)}:${this.hi(entry)}`;
    return kind === STEP ? step : `${step}:${this.site(entry)}:${this.ordinal(entry)}`;
  }

  /** Empty again, keeping its memory for the next run. */
  clear(): void {
    this.count = 0;
    if (this.spans.length > 1) this.spans.length = 1;
  }

  private copy(from: DecisionRecord, entry: number): void {
    this.push(
      from.kind(entry),
      from.site(entry),
      from.lo(entry),
      from.hi(entry),
      from.ordinal(entry),
      from.span(entry),
      from.actor(entry),
      from.outcome(entry),
    );
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.outcomes = new Float64Array(words.buffer);
  }
}
