import type { Env } from '../../sim/env/env.ts';
import { KeptValue } from '../storage/kept-value.ts';
import { INITIAL, newer, type Tagged } from './tagged.ts';

/**
 * One replica of the quorum register: keeps the newest tagged value it was ever sent, on disk before
 * it says so.
 */
export default async function replica(env: Env): Promise<void> {
  const kept = await KeptValue.open<Tagged>(env, 'register', INITIAL);
  env.observe('register', () => kept.get());
  env.net.serve('query', () => kept.get());
  env.net.serve('store', async (request) => {
    const sent = request as Tagged;
    const after = await kept.update((value) => (newer(sent, value) ? sent : value));
    env.always('register.newest-is-kept', !newer(sent, after));
    return null;
  });
}
