/** What programs draw, as they see it. */
import { isLabel, type Site } from '../choice/site.ts';

/** Whether a program asks there, and not what is around it. */
export function isOfProgram(site: Site): boolean {
  return isLabel(site) || OF_PROGRAMS.has(site.name);
}

/** Sites that programs ask, besides labels. */
const OF_PROGRAMS: ReadonlySet<string> = new Set(['Math.random', 'buggify']);

/** What a draw gives, as the program sees it; undefined where that is bytes. */
export function amountDrawn(site: string, outcome: number): string | undefined {
  if (site === 'Math.random') return String(Number((outcome / 2 ** 53).toPrecision(6)));
  return BYTES.has(site) ? undefined : String(outcome);
}

const BYTES: ReadonlySet<string> = new Set(['crypto.randomBytes', 'crypto.randomUUID']);
