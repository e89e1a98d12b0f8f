import type { History } from '../history.ts';
import type { Anomaly, Verdict } from '../verdict.ts';

/** At most so many anomalies are put into words; the reason tells how many there are. */
const WORDED_MAX = 64;

/** `invalid` when there are anomalies, otherwise `valid` for the reason given. */
export function conclude(
  history: History,
  model: string,
  anomalies: readonly Anomaly[],
  reason: string,
): Verdict {
  const { length } = history;
  const [first] = anomalies;
  const more = anomalies.length > 1 ? ` (and ${anomalies.length - 1} more)` : '';
  return {
    verdict: first === undefined ? 'valid' : 'invalid',
    model,
    reason: first === undefined ? reason : `${first.message}${more}`,
    anomalies: anomalies.slice(0, WORDED_MAX),
    operations: length,
    steps: length,
  };
}

/** Nothing was observed that could be judged. */
export function undecided(history: History, model: string, reason: string): Verdict {
  return { ...conclude(history, model, [], reason), verdict: 'unknown' };
}
