/**
 * Statements about a program, checked in every run. Names are literals; one name is one property.
 * In simulation and live alike a broken one fails the run and is reported by name.
 */
export interface Properties {
  /** Must hold whenever the program passes here. */
  always(name: string, holds: boolean, details?: string): void;
  /** Must hold at least once over all runs of a campaign. */
  sometimes(name: string, holds: boolean): void;
  /** This line must be passed at least once over all runs of a campaign. */
  reachable(name: string): void;
  /** This line must never be passed. */
  unreachable(name: string, details?: string): void;
  /** Must hold at the end of the run, after the faults have healed. Asked without side effects. */
  eventually(name: string, holds: () => boolean): void;
}
