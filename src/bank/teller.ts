/**
 * Moves money between vaults, one transfer at a time, each under the lock:
 *
 *     acquire ── finish the last holder's intent ── read both ── intend ── write both ── release
 *
 * A teller that is slow, cut off or dies in between leaves its intent for the next holder, who
 * writes it out before anything else. A late write of the slow one is refused by its token.
 */
import type { Env } from '../../sim/env/env.ts';
import { NetError, type Plain } from '../../sim/env/net.ts';
import type { Grant } from './lock.ts';
import type { Pass, VaultReply, VaultRequest, Write } from './vault.ts';

export type TellerArgs = { readonly operations: number; readonly thinkMs: number };

/** The lease was lost, or nobody answered for too long: what was begun is the next holder's. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const REQUEST_MS = 40;
const TRIES_MAX = 8;

const NEXT = { transfer: 3, audit: 1 };

export default async function teller(env: Env, { operations, thinkMs }: TellerArgs): Promise<void> {
  for (let i = 0; i < operations; i++) {
    await env.operation('teller', { thinkMs }, () =>
      env.random.branch('teller.next', NEXT) === 'transfer' ? transfer(env) : audit(env),
    );
  }
}

async function transfer(env: Env): Promise<void> {
  const [from, to] = env.random.shuffle('teller.vaults', env.peers('vault')) as [string, string];
  const amount = env.random.integer('teller.amount', { min: 1, max: 5 });
  const operation = env.history.invoke('transfer', { from, to, amount });
  try {
    await underLock(env, async (lease) => {
      const source = await lease.read(from);
      const target = await lease.read(to);
      const writes = [
        { vault: from, balance: source - amount },
        { vault: to, balance: target + amount },
      ];
      await lease.intend(writes);
      for (const write of writes) await lease.put(write);
    });
    operation.ok();
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    operation.unknown(error.message);
  }
}

async function audit(env: Env): Promise<void> {
  const operation = env.history.invoke('read-all');
  try {
    operation.ok(
      await underLock(env, async (lease) => {
        const balances: number[] = [];
        for (const vault of env.peers('vault')) balances.push(await lease.read(vault));
        return balances;
      }),
    );
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    operation.fail(error.message);
  }
}

async function underLock<Result>(
  env: Env,
  body: (lease: Lease) => Promise<Result>,
): Promise<Result> {
  const { token, intent } = await acquire(env);
  const lease = new Lease(env, token);
  for (const write of intent) await lease.put(write);
  const result = await body(lease);
  await lease.release();
  return result;
}

async function acquire(env: Env): Promise<Extract<Grant, { granted: true }>> {
  for (let tries = 0; tries < 4 * TRIES_MAX; tries++) {
    const grant = (await ask(env, 'lock-1', 'acquire', null)) as Grant;
    if (grant.granted) return grant;
    await env.timers.sleep(
      grant.waitMs / 2 + env.random.integer('teller.wait', { min: 1, max: 20 }),
    );
  }
  throw new Interrupted('the lock was never free');
}

/** What may be done under one token; each request to a vault carries its number. */
class Lease {
  private readonly env: Env;
  private readonly token: number;
  private requests = 0;

  constructor(env: Env, token: number) {
    this.env = env;
    this.token = token;
  }

  read(vault: string): Promise<number> {
    return this.access(vault, { pass: this.pass() });
  }

  async put({ vault, balance }: Write): Promise<void> {
    await this.access(vault, { pass: this.pass(), balance });
  }

  /** @throws Interrupted when the lease has ended: then nothing may be written any more */
  async intend(writes: readonly Write[]): Promise<void> {
    const accepted = await ask(this.env, 'lock-1', 'intend', { token: this.token, writes });
    if (accepted !== true) throw new Interrupted('the lease has ended');
  }

  async release(): Promise<void> {
    await ask(this.env, 'lock-1', 'release', this.token);
  }

  private async access(vault: string, request: VaultRequest): Promise<number> {
    const reply = (await ask(this.env, vault, 'access', request)) as VaultReply;
    if (reply === 'refused') throw new Interrupted(`${vault} has seen a later lease`);
    return reply.balance;
  }

  private pass(): Pass {
    return [this.token, this.requests++];
  }
}

/** A request that is made again until it is answered, or too often. */
async function ask(env: Env, host: string, method: string, body: Plain): Promise<Plain> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    try {
      return await env.net.call(host, method, body, { timeoutMs: REQUEST_MS });
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      if (error.code !== 'timed-out') await env.timers.sleep(REQUEST_MS);
    }
  }
  throw new Interrupted(`${host} did not answer '${method}'`);
}
