import type { Plain } from '../../env/net.ts';
import { print } from '../plain.ts';
import type { Call, Model, Step } from './model.ts';

/**
 * A lock that one process holds at a time. Anybody may release it, as a lease that another client
 * has taken over is released: only that it is held, and not by whom, is checked.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `acquire` | | |
 * | `release` | | |
 */
export function mutex(): Model<boolean> {
  return {
    name: 'mutex',
    initial: false,
    operations: ['acquire', 'release'],
    step: (held, { name }) => {
      if (name === 'acquire') return held ? { refused: 'it is already held' } : { state: true };
      return held ? { state: false } : { refused: 'it is not held' };
    },
    describe: (held) => (held ? 'held' : 'free'),
  };
}

interface Fence {
  readonly holder: string | null;
  readonly token: number;
}

/**
 * A lock that gives each holder a number higher than all before, so that storage can turn away a
 * holder who has lost it. Only the holder may release it.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `acquire` | | the fencing token, a number |
 * | `release` | | |
 */
export function fencingLock(): Model<Fence> {
  return {
    name: 'fencing-lock',
    initial: { holder: null, token: Number.NEGATIVE_INFINITY },
    operations: ['acquire', 'release'],
    perProcess: true,
    step: stepFence,
    identity: ({ holder, token }) => `${token} ${holder ?? ''}`,
    describe: ({ holder, token }) =>
      `${holder === null ? 'free' : `held by ${holder}`}${Number.isFinite(token) ? `, last token ${token}` : ''}`,
    fault: ({ name, output }) =>
      name !== 'acquire' || output === undefined || output === null || typeof output === 'number'
        ? undefined
        : `acquire returns a number, not ${print(output)}`,
  };
}

function stepFence({ holder, token }: Fence, call: Call): Step<Fence> {
  if (call.name === 'release') {
    if (holder === call.process) return { state: { holder: null, token } };
    return { refused: holder === null ? 'it is not held' : `it is held by ${holder}` };
  }
  if (holder !== null) return { refused: `it is already held by ${holder}` };
  const given = tokenIn(call.output);
  if (given === undefined) return { state: { holder: call.process, token } };
  if (given <= token) return { refused: `a token after ${token} is higher than it` };
  return { state: { holder: call.process, token: given } };
}

/** Absent when nobody saw it: an acquisition that timed out may have had any token. */
function tokenIn(output: Plain | undefined): number | undefined {
  return typeof output === 'number' ? output : undefined;
}
