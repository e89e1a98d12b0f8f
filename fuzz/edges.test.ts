import { expect, test } from 'vitest';
import { EDGES, instrument } from './edges.ts';

/** The value of the code's last expression, and which edges it took how often. */
function taken(code: string): { readonly value: unknown; readonly edges: readonly number[] } {
  const { code: instrumented, edges } = instrument(code);
  const counts = new Uint8Array(edges);
  const value: unknown = new Function(EDGES, `return eval(${JSON.stringify(instrumented)})`)(
    counts,
  );
  return { value, edges: [...counts] };
}

test.each([
  ['let a = 1; if (a) a = 2; a', 2, [1, 0]],
  ['let a = 0; if (a) a = 2; a', 0, [0, 1]],
  ['let a = 0; if (a) a = 2; else if (a === 0) { a = 3 } a', 3, [1, 0, 0, 1]],
  ['let a = 1; if (a) if (!a) a = 2; else a = 3; a', 3, [0, 1, 1, 0]],
  ['const f = (a) => a ? "yes" : "no"; f(1) + f(0) + f(1)', 'yesnoyes', [2, 1, 3]],
  ['const f = () => ({ a: 1 }); f().a', 1, [1]],
  ['const f = () => 5 || 6; f()', 5, [0, 1]],
  ['(0 || (1, null)) ?? 3', 3, undefined],
  ['(0 || 1) && 2', 2, [1, 1]],
  ['let a = 0; for (const b of [1, 2, 3]) a += b; a', 6, [3]],
  ['let a = 0; for (;;) { if (a++ > 1) break } a', 3, undefined],
  ['let a = 3; while (a > 0) a--; a', 0, [3]],
  ['let a = 0; do a++; while (a < 2); a', 2, [2]],
  ['let a = 0; outer: for (;;) for (;;) { a++; break outer } a', 1, [1, 1]],
  [
    'let a; switch (2) { case 1: a = 1; case 2: case 3: { a = 3; break } default: a = 9 } a',
    3,
    [0, 1, 1, 0],
  ],
  ['let a = 0; try { throw 1 } catch { a = 5 } a', 5, [1]],
  ['function f() { "use strict"; return this } f() === undefined', true, [1]],
  [
    'class A { #x = () => 4; get x() { return this.#x() } static y(a = 1 || 2) { return a } } new A().x + A.y()',
    5,
    undefined,
  ],
  ['[...(function* () { yield true && (yield 1) })()].length', 2, [1, 1]],
])('%s', (code, value, edges) => {
  const found = taken(code);
  expect(found).toEqual({ value, edges: edges ?? found.edges });
  expect(found.edges.some((count) => count > 0)).toBe(true);
});
