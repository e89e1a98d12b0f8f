import { DiskError } from '../../sim/env/disk.ts';
import type { Env } from '../../sim/env/env.ts';
import type { Offset, Pool } from '../../sim/env/memory.ts';
import type { Plain } from '../../sim/env/net.ts';
import { decodePlain, encodePlain } from '../../sim/env/plain.ts';
import { DurableRecord } from './durable-record.ts';

/**
 * A value that outlives its process: on disk for the next one, and in native memory for this one.
 * Updates take place one after another, each complete before the next begins.
 *
 * Where the disk fails the process ends at once, and is started again from what the disk has: nothing
 * is known of what a failed write or sync has left behind, and trying again would not find out.
 */
export class KeptValue<Value extends Plain> {
  private readonly env: Env;
  private readonly record: DurableRecord;
  private readonly pool: Pool;
  private block: Offset;
  private updates: Promise<unknown> = Promise.resolve();

  private constructor(env: Env, record: DurableRecord, pool: Pool, block: Offset) {
    this.env = env;
    this.record = record;
    this.pool = pool;
    this.block = block;
  }

  /** What was kept last, or `initial`. */
  static async open<Value extends Plain>(
    env: Env,
    path: string,
    initial: Value,
  ): Promise<KeptValue<Value>> {
    const opened = DurableRecord.open(env.disk, path);
    const { record, payload } = await opened.catch((error: unknown) => failStop(env, error));
    const pool = env.memory.pool({ capacityBytes: 65_536 });
    return new KeptValue<Value>(
      env,
      record,
      pool,
      await place(env, pool, payload ?? encodePlain(initial)),
    );
  }

  get(): Value {
    return decodePlain(this.pool.view(this.block)) as Value;
  }

  /**
   * Applies `change` to the value as it is when all earlier updates are done; resolves with the new
   * value once it is kept. What `change` returns unchanged is not written again.
   *
   * Rejects with MemoryError `out-of-memory`: nothing has changed.
   */
  update(change: (value: Value) => Value): Promise<Value> {
    const update = this.updates.then(() => this.apply(change));
    this.updates = update.catch(() => undefined);
    return update;
  }

  private async apply(change: (value: Value) => Value): Promise<Value> {
    const before = this.get();
    const after = change(before);
    if (after === before) return after;
    const bytes = encodePlain(after);
    const block = this.pool.allocate(bytes.length, 'kept-value');
    this.pool.view(block).set(bytes);
    try {
      await this.record.write(bytes);
    } catch (error) {
      failStop(this.env, error);
    }
    this.pool.free(this.block);
    this.block = block;
    return after;
  }
}

/** Ends the process where the disk has failed; throws what is no failure of the disk. */
function failStop(env: Env, error: unknown): never {
  if (!(error instanceof DiskError)) throw error;
  env.log.error(`${error.message}: ends here, to start again from what is on the disk`);
  return env.process.crash('the disk failed');
}

/** At the start there is nobody to report a refused allocation to: try again a little later. */
async function place(env: Env, pool: Pool, bytes: Uint8Array): Promise<Offset> {
  for (;;) {
    try {
      const block = pool.allocate(bytes.length, 'kept-value');
      pool.view(block).set(bytes);
      return block;
    } catch (error) {
      if ((error as { code?: string }).code !== 'out-of-memory') throw error;
      await env.timers.sleep(10);
    }
  }
}
