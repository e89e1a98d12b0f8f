/** The places that a campaign has come to, each with the shortest way there that is known. */
import type { DecisionRecord } from '../../trace/record.ts';
import type { Reached, Shown, Signals } from './signals.ts';

/** Where a feature was shown. */
export interface Place {
  readonly feature: number;
  /** The run that came here; what lies beyond `entries` is not part of the way. */
  readonly record: DecisionRecord;
  readonly entries: number;
  /** Virtual ns. */
  readonly atNs: number;
  /** Runs that have shown it, and times that it was chosen. */
  visits: number;
}

/** The places that came nearest to what one hint asks for, the nearest last. */
interface Best {
  value: number;
  /** Of the nearest. */
  entries: number;
  readonly places: Place[];
}

/** Decisions of all kept records, 32 bytes each: beyond, nothing new is kept. */
const ENTRIES_MAX = 4_000_000;
const TOURNAMENT = 8;
/** Records of one hint that are gone on from: the nearest may be a dead end. */
const BEST_MAX = 4;
/** Where there are hints, one place of so many is theirs. */
const HINTED_EVERY = 2;

export class Corpus {
  private readonly places: Place[] = [];
  private readonly byFeature = new Map<number, number>();
  private readonly hints: Best[] = [];
  private readonly byHint = new Map<number, Best>();
  private entries = 0;

  /** A run is over: how much of what it has shown was new, or 1 where it came nearer to what a hint asks for. */
  add({ shown, reached }: Pick<Signals, 'shown' | 'reached'>, record: DecisionRecord): number {
    const full = this.entries + record.count > ENTRIES_MAX;
    const places = this.places.length;
    let kept = false;
    let nearer = false;
    for (const one of shown) kept = this.keep(one, record, full) || kept;
    for (const one of reached.values()) nearer = this.keepBest(one, record, full) || nearer;
    if (kept || nearer) this.entries += record.count;
    return nearer ? 1 : (this.places.length - places) / Math.max(1, shown.length);
  }

  /** One of those least visited, or that came nearest; `draw` gives fractions in [0, 1). */
  choose(draw: () => number): Place | undefined {
    const place = this.hinted(draw) ?? this.rare(draw);
    if (place !== undefined) place.visits++;
    return place;
  }

  private keep({ feature, entries, atNs }: Shown, record: DecisionRecord, full: boolean): boolean {
    const at = this.byFeature.get(feature);
    const known = at === undefined ? undefined : this.places[at]!;
    if (known !== undefined) known.visits++;
    if (full || (known !== undefined && known.entries <= entries)) return false;
    const place = { feature, record, entries, atNs, visits: known?.visits ?? 1 };
    this.byFeature.set(feature, at ?? this.places.length);
    this.places[at ?? this.places.length] = place;
    return true;
  }

  private keepBest(reached: Reached, record: DecisionRecord, full: boolean): boolean {
    const { feature, entries, atNs, value } = reached;
    let best = this.byHint.get(feature);
    if (full) return false;
    if (best === undefined) {
      best = { value, entries: Infinity, places: [] };
      this.byHint.set(feature, best);
      this.hints.push(best);
    }
    if (value < best.value || (value === best.value && entries >= best.entries)) return false;
    // As near with fewer decisions leaves more time.
    if (value === best.value) best.places.pop();
    best.value = value;
    best.entries = entries;
    best.places.push({ feature, record, entries, atNs, visits: 1 });
    if (best.places.length > BEST_MAX) best.places.shift();
    return true;
  }

  private hinted(draw: () => number): Place | undefined {
    const { hints } = this;
    if (hints.length === 0 || Math.floor(draw() * HINTED_EVERY) > 0) return undefined;
    const { places } = hints[Math.floor(draw() * hints.length)]!;
    // The nearest half of the time, the one before it a quarter, …
    let at = places.length - 1;
    while (at > 0 && draw() < 0.5) at--;
    return places[at];
  }

  private rare(draw: () => number): Place | undefined {
    let best: Place | undefined;
    for (let i = 0; i < TOURNAMENT; i++) {
      const place = this.places[Math.floor(draw() * this.places.length)];
      if (place !== undefined && (best === undefined || place.visits < best.visits)) best = place;
    }
    return best;
  }
}
