import type { ThreadsProgram } from '../../sim/threads/index.ts';

/** As the suite has it, or mended. */
export type Variant = 'bug' | 'control';

/** One program of a table, in both variants. */
export interface Entry {
  readonly name: string;
  readonly program: (variant: Variant) => ThreadsProgram<unknown>;
}

/** What the C programs call `assert`. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}
