/** Where a run has shown something for the first time. */
export interface Shown {
  /** A number: a run that shows one that no run before it has shown has come somewhere new. */
  readonly feature: number;
  /** Decisions before it. */
  readonly entries: number;
  /** Virtual ns. */
  readonly atNs: number;
}

/** What a run shows of itself to a guided campaign: the first time of each feature. */
export class Signals {
  readonly shown: Shown[] = [];
  private readonly seen = new Set<number>();

  show(feature: number, entries: number, atNs: number): void {
    if (this.seen.has(feature)) return;
    this.seen.add(feature);
    this.shown.push({ feature, entries, atNs });
  }
}
