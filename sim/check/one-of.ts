import { unknownValue } from '../trace/did-you-mean.ts';
import { HistoryError, type HistoryErrorCode } from './history.ts';
import { calledHere } from './names.ts';

/**
 * Refuses a word that is none of these: to whoever writes plain JavaScript it would say nothing, and
 * be judged as if it were another one.
 *
 * @throws HistoryError `bad-option`, or the code given
 */
export function requireOneOf(
  option: string,
  value: unknown,
  known: readonly string[],
  code: HistoryErrorCode = 'bad-option',
): void {
  const message = unknownValue(option, value ?? null, known);
  if (message === undefined) return;
  throw new HistoryError(code, `${message}${calledHere(String(value), known)}`);
}
