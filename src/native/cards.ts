/**
 * Cards in a pool whose blocks move together: they are written, read and thrown away, and each is pinned
 * for as long as its bytes are looked at. With `late` the last view is looked at once more in the next
 * round: the card is still there, unless a thread of the pool has moved it and something else lies there.
 */
import type { Env } from '../../sim/env/env.ts';
import { type Handle, MemoryError, type MovablePool } from '../../sim/env/memory.ts';

export type CardsArgs = { readonly operations: number; readonly late: boolean };

const CAPACITY_BYTES = 8_192;
const NEXT = { write: 2, read: 2, erase: 1 };
const SIZES = { min: 1, max: 600 };

interface Card {
  readonly handle: Handle;
  readonly filled: number;
}

export default async function cards(env: Env, { operations, late }: CardsArgs): Promise<void> {
  const pool = env.memory.movablePool({ capacityBytes: CAPACITY_BYTES });
  const kept: Card[] = [];
  let last: { card: Card; view: Uint8Array } | undefined;
  for (let i = 0; i < operations; i++) {
    if (late && last) look(env, last.card, last.view);
    const next = kept.length === 0 ? 'write' : env.random.branch('cards.next', NEXT);
    if (next === 'write') {
      const card = write(env, pool, 1 + (i % 200));
      env.sometimes('cards.no-room', card === undefined);
      if (card) kept.push(card);
    } else {
      const which = env.random.integer('cards.which', { min: 0, max: kept.length - 1 });
      const card = kept[which]!;
      const view = pool.pin(card.handle);
      look(env, card, view);
      pool.unpin(card.handle);
      if (next === 'erase') {
        kept.splice(which, 1);
        pool.free(card.handle);
      }
      last = next === 'erase' ? undefined : { card, view };
    }
    await env.timers.sleep(1);
  }
  for (const { handle } of kept) pool.free(handle);
  const left = pool.usedBytes();
  env.always('cards.none-left', left === 0, `${left} bytes are in use`);
  pool.close();
}

function write(env: Env, pool: MovablePool, filled: number): Card | undefined {
  try {
    const bytes = env.random.integer('cards.bytes', SIZES);
    const handle = pool.allocate(bytes, 'card');
    const view = pool.pin(handle);
    const zeroed = view.length === bytes && view.every((byte) => byte === 0);
    env.always('cards.zeroed', zeroed, `the block ${handle} is not ${bytes} zeroed bytes`);
    view.fill(filled);
    pool.unpin(handle);
    return { handle, filled };
  } catch (error) {
    if (error instanceof MemoryError && error.code === 'out-of-memory') return undefined;
    throw error;
  }
}

function look(env: Env, { handle, filled }: Card, view: Uint8Array): void {
  const wrong = view.findIndex((byte) => byte !== filled);
  const what = () => `byte ${wrong} of the card ${handle} is ${view[wrong]}, not ${filled}`;
  env.always('cards.intact', wrong < 0, wrong < 0 ? undefined : what());
}
