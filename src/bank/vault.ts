import type { Env } from '../../sim/env/env.ts';
import { KeptValue } from '../storage/kept-value.ts';

/** What is to stand in a vault: an absolute balance, so that writing it twice is writing it once. */
export type Write = { readonly vault: string; readonly balance: number };

type VaultState = {
  readonly balance: number;
  /** The latest pass that was ever shown here. */
  readonly pass: Pass;
};

/** The token of a lease, and how many requests its holder had made before under it. */
export type Pass = readonly [token: number, request: number];

/** Reads the balance, or sets it. A repeated request has the same pass, a doubled one too. */
export type VaultRequest = { readonly pass: Pass; readonly balance?: number };

/** `refused`: somebody with a later lease has been here, or the holder itself with a later request. */
export type VaultReply = { readonly balance: number } | 'refused';

export type VaultArgs = { readonly initial: number; readonly fencing: boolean };

/** Keeps one balance. With fencing, whoever shows an older pass than one seen before is refused. */
export default async function vault(env: Env, { initial, fencing }: VaultArgs): Promise<void> {
  const kept = await KeptValue.open<VaultState>(env, 'vault', {
    balance: initial,
    pass: [0, 0],
  });
  env.observe('vault', () => kept.get());
  env.net.serve('access', async (request): Promise<VaultReply> => {
    const { pass, balance } = request as VaultRequest;
    let refused = false;
    const after = await kept.update((state) => {
      refused = fencing && isBefore(pass, state.pass);
      if (refused) return state;
      return { balance: balance ?? state.balance, pass };
    });
    env.sometimes('bank.refused', refused);
    return refused ? 'refused' : { balance: after.balance };
  });
}

function isBefore(a: Pass, b: Pass): boolean {
  return a[0] !== b[0] ? a[0] < b[0] : a[1] < b[1];
}
