/**
 * A replica of the register after an afternoon's work on it: the first one also counts the seconds,
 * ten times in each, and asks its neighbour for the newest value when it starts.
 */

import replica from '../../../src/register/replica.ts';
import type { Env } from '../../env/env.ts';
import { NetError } from '../../env/net.ts';

export default async function editedReplica(env: Env): Promise<void> {
  await replica(env);
  if (env.index !== 1) return;
  let ticks = 0;
  env.timers.every(100, () => env.trace('tick', { ticks: ++ticks }));
  const neighbour = env.peers('replica').find((name) => name !== env.name)!;
  try {
    await env.net.call(neighbour, 'query', null, { timeoutMs: 50 });
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
  }
}
