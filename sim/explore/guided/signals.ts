/** Where a run has shown something for the first time. */
export interface Shown {
  /** A number: a run that shows one that no run before it has shown has come somewhere new. */
  readonly feature: number;
  /** Decisions before it. */
  readonly entries: number;
  /** Virtual ns. */
  readonly atNs: number;
}

/** Where a run has come nearest to what its program hints at. */
export interface Reached extends Shown {
  /** The larger the nearer. */
  readonly value: number;
}

/** What a run shows of itself to a guided campaign: the first time of each feature, the best of each hint. */
export class Signals {
  readonly shown: Shown[] = [];
  /** By hint. */
  readonly reached: Map<number, Reached> = new Map();
  private readonly seen = new Set<number>();

  show(feature: number, entries: number, atNs: number): void {
    if (this.seen.has(feature)) return;
    this.seen.add(feature);
    this.shown.push({ feature, entries, atNs });
  }

  reach(hint: number, value: number, entries: number, atNs: number): void {
    const before = this.reached.get(hint);
    if (before !== undefined && before.value >= value) return;
    this.reached.set(hint, { feature: hint, value, entries, atNs });
  }
}
