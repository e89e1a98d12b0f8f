/** What a draw gives, as the program sees it; undefined where that is bytes. */
export function amountDrawn(site: string, outcome: number): string | undefined {
  if (site === 'Math.random') return String(Number((outcome / 2 ** 53).toPrecision(6)));
  return BYTES.has(site) ? undefined : String(outcome);
}

const BYTES: ReadonlySet<string> = new Set(['crypto.randomBytes', 'crypto.randomUUID']);
