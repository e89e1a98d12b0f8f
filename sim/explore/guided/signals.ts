/**
 * What a run shows of itself to a guided campaign: features, which are numbers. A run that shows a
 * feature that no run before it has shown has come somewhere new.
 */
export interface Signals {
  /** Shown after `entries` decisions, at this virtual moment. */
  show(feature: number, entries: number, atNs: number): void;
}

/** Where a run has shown something for the first time. */
export interface Shown {
  readonly feature: number;
  readonly entries: number;
  readonly atNs: number;
}

/** Keeps the first time of each feature. */
export class Sightings implements Signals {
  readonly shown: Shown[] = [];
  private readonly seen = new Set<number>();

  show(feature: number, entries: number, atNs: number): void {
    if (this.seen.has(feature)) return;
    this.seen.add(feature);
    this.shown.push({ feature, entries, atNs });
  }
}
