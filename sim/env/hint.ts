/** What a hint to guided campaigns is given; NaN is neither more nor less than any other. */
export function checkHint(call: 'maximise' | 'minimise', name: string, value: number): void {
  if (typeof value === 'number' && !Number.isNaN(value)) return;
  throw new TypeError(`${call}('${name}') is given ${String(value)}, and needs a number`);
}
