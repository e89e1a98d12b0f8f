/** What a debugger sees of a program from within, besides what the program shows by `env.observe`. */
import type { Instance } from './loader/binding.ts';
import { type Sight, WHOLE } from './loader/sight.ts';

export interface Interior {
  /** Evaluates text in the innermost scope known; undefined before its file runs, or if not open. */
  sight(): Sight | undefined;
  /** What its file exports so far, by name. */
  exports(): { readonly [name: string]: unknown };
  /** Global variables of its own realm that it has made. */
  globals(): { readonly [name: string]: unknown };
}

/** Of a file that is, or will be, an instance; `scope` is its exported function that is of interest. */
export function interiorOf(
  instance: () => Instance | undefined,
  { scope = WHOLE, globals = () => ({}) }: { scope?: string; globals?: Interior['globals'] },
): Interior {
  return {
    sight: () => instance()?.sights?.of(scope),
    exports: () => ({ ...instance()?.namespace() }),
    globals,
  };
}
