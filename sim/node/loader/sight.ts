/**
 * What a debugger sees of a module from within. Nothing outside reaches a scope of JavaScript, so the
 * code of a module that was made `open` hands out functions that evaluate text in one, with the names
 * that it declares:
 *
 *     $G.k("", ($Gc) => eval($Gc), ["a"]);          the module's own, before its body runs
 *     $G.k("default", ($Gc) => eval($Gc), ["b"]);   that of an exported function, whenever it is called
 */

/** How modules are compiled: those that are `open` do the same, but slower. */
export type Making = 'plain' | 'open';

/** A scope of a module. */
export interface Sight {
  /** Evaluates text in it. Throws what the text throws. */
  evaluate(code: string): unknown;
  /** Variables that can be seen from it, but for functions, classes and imports. */
  readonly names: readonly string[];
}

/** The scope of the module itself. */
export const WHOLE = '';

/** The statement that hands out the scope it stands in. */
export function sightOf(graph: string, scope: string, names: readonly string[]): string {
  const evaluate = `(${graph}c)=>eval(${graph}c)`;
  return `${graph}.k(${JSON.stringify(scope)},${evaluate},${JSON.stringify(names)});`;
}

/** The scopes of one instance of a module, each as of its last call. */
export class Sights {
  private readonly scopes = new Map<string, Sight>();

  add(scope: string, evaluate: Sight['evaluate'], names: readonly string[]): void {
    this.scopes.set(scope, { evaluate, names });
  }

  /** From the function's scope where it has been called, or else from the module's. */
  of(scope: string): Sight | undefined {
    const whole = this.scopes.get(WHOLE);
    const inner = this.scopes.get(scope);
    if (whole === undefined || inner === undefined) return inner ?? whole;
    return { evaluate: inner.evaluate, names: [...new Set([...inner.names, ...whole.names])] };
  }
}
