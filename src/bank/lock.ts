/**
 * A lock with leases and fencing tokens, as one small service; and with it, kept by the same hand,
 * the intent of whoever holds it: what its holder was about to write, so that the next one can
 * finish it (M. Kleppmann, "How to do distributed locking", 2016, has the reason for the tokens).
 *
 * Tokens only grow and survive crashes. A lease ends by the service's own clock, so its holder may
 * still believe in it: that is what the tokens are for.
 */
import type { Env } from '../../sim/env/env.ts';
import type { Plain } from '../../sim/env/net.ts';
import { KeptValue } from '../storage/kept-value.ts';
import type { Write } from './vault.ts';

export type LockState = {
  /** The last token granted. */
  readonly token: number;
  /** Whether its holder has given it back. */
  readonly released: boolean;
  /** What its holder has announced and maybe not finished. */
  readonly intent: readonly Write[];
};

/** The reply to `acquire`: a lease, or how long to wait. */
export type Grant =
  | { readonly granted: true; readonly token: number; readonly intent: readonly Write[] }
  | { readonly granted: false; readonly waitMs: number };

export type LockArgs = { readonly leaseMs: number };

const UNUSED: LockState = { token: 0, released: true, intent: [] };

export default async function lock(env: Env, { leaseMs }: LockArgs): Promise<void> {
  const kept = await KeptValue.open<LockState>(env, 'lock', UNUSED);
  // A lease granted before a crash may still be believed in: wait it out.
  let leaseEndsMs = env.clock.monotonicMs() + leaseMs;
  env.observe('lock', () => kept.get());

  env.net.serve('acquire', async (): Promise<Grant> => {
    const nowMs = env.clock.monotonicMs();
    const { released } = kept.get();
    if (!released && nowMs < leaseEndsMs) return { granted: false, waitMs: leaseEndsMs - nowMs };
    leaseEndsMs = nowMs + leaseMs;
    const { token, intent } = await kept.update((lock) => ({
      token: lock.token + 1,
      released: false,
      intent: lock.intent,
    }));
    return { granted: true, token, intent };
  });

  env.net.serve('intend', async (request) => {
    const { token, writes } = request as { token: number; writes: readonly Write[] };
    const after = await kept.update((lock) =>
      lock.token === token && !lock.released ? { ...lock, intent: writes } : lock,
    );
    return after.token === token && !after.released;
  });

  env.net.serve('release', async (request) => {
    const token = request as number;
    await kept.update((lock) =>
      lock.token === token ? { token, released: true, intent: [] } : lock,
    );
    return null as Plain;
  });
}
