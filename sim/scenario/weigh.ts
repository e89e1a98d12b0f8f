/** What a check's outcome says of the run, wherever it ran. */
import { neverReached } from '../env/assert.ts';
import { uncaught, type Violation } from '../trace/violation.ts';
import type { CheckOutcome } from './scenario.ts';

/** What was broken, before it is known where and when. */
export type Finding = Pick<Violation, 'property' | 'message'> &
  Partial<Pick<Violation, 'details' | 'stack'>>;

export type Weighed =
  | { readonly is: 'fine' }
  | { readonly is: 'broken'; readonly finding: Finding }
  | { readonly is: 'unclear'; readonly reason: string };

export function weigh(outcome: CheckOutcome): Weighed {
  if (outcome === undefined || outcome === true) return { is: 'fine' };
  if (outcome === false) {
    return { is: 'broken', finding: { property: 'check', message: 'the check returned false' } };
  }
  const { verdict, model, reason } = outcome;
  switch (verdict) {
    case 'valid':
      return { is: 'fine' };
    case 'invalid': {
      const property = `check: ${model}`;
      const message = 'the history is invalid';
      return { is: 'broken', finding: { property, message, details: reason } };
    }
    case 'unknown':
      return { is: 'unclear', reason: `the check '${model}' could not decide: ${reason}` };
    default:
      return neverReached(verdict);
  }
}

/** A check that threw. */
export function weighThrown(error: unknown): Weighed {
  return { is: 'broken', finding: { ...uncaught(error, 'exception'), property: 'check' } };
}
