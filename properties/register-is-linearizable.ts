import type { Check } from 'groundhog';
import { type History, linearizable, register } from 'groundhog/check';

/** Reads and writes of the register take effect one after another, each between its call and return. */
export const registerIsLinearizable: Check = (run) => linearizable(run.history, register());

/** A read that returns the old value after another has returned the new one: the check rejects it. */
export const staleRead: History = [
  { process: 'a', name: 'write', input: 1, outcome: 'ok', output: null, called: 0, returned: 5 },
  { process: 'b', name: 'read', input: null, outcome: 'ok', output: 1, called: 1, returned: 2 },
  { process: 'c', name: 'read', input: null, outcome: 'ok', output: null, called: 3, returned: 4 },
];
