/** The places that a campaign has come to, each with the shortest way there that is known. */
import type { DecisionRecord } from '../../trace/record.ts';
import type { Shown } from './signals.ts';

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

/** Decisions of all kept records, 32 bytes each: beyond, nothing new is kept. */
const ENTRIES_MAX = 4_000_000;
const TOURNAMENT = 8;

export class Corpus {
  private readonly places: Place[] = [];
  private readonly byFeature = new Map<number, number>();
  private entries = 0;

  /** A run is over. */
  add(shown: readonly Shown[], record: DecisionRecord): void {
    let kept = false;
    const full = this.entries + record.count > ENTRIES_MAX;
    for (const { feature, entries, atNs } of shown) {
      const at = this.byFeature.get(feature);
      const known = at === undefined ? undefined : this.places[at]!;
      if (known !== undefined) known.visits++;
      if (full || (known !== undefined && known.entries <= entries)) continue;
      const place = { feature, record, entries, atNs, visits: known?.visits ?? 1 };
      this.byFeature.set(feature, at ?? this.places.length);
      this.places[at ?? this.places.length] = place;
      kept = true;
    }
    if (kept) this.entries += record.count;
  }

  /** One of those least visited; `draw` gives fractions in [0, 1). */
  choose(draw: () => number): Place | undefined {
    let best: Place | undefined;
    for (let i = 0; i < TOURNAMENT; i++) {
      const place = this.places[Math.floor(draw() * this.places.length)];
      if (place !== undefined && (best === undefined || place.visits < best.visits)) best = place;
    }
    if (best !== undefined) best.visits++;
    return best;
  }
}
