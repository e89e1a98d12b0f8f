/**
 * Notes in a pool that has threads of its own: they are written, kept for a while, looked at and
 * erased. With `late` a note is looked at once more after the next one was written: the bytes are
 * still there, unless a thread of the pool has come by.
 */
import type { Env } from '../../sim/env/env.ts';
import { MemoryError, type Offset, type Pool } from '../../sim/env/memory.ts';

export type NotesArgs = { readonly operations: number; readonly late: boolean };

const CAPACITY_BYTES = 16_384;
const NEXT = { write: 1, erase: 1 };
const SIZES = { min: 1, max: 600 };

interface Note {
  readonly block: Offset;
  readonly view: Uint8Array;
  readonly filled: number;
}

export default async function notes(env: Env, { operations, late }: NotesArgs): Promise<void> {
  const pool = env.memory.pool({ capacityBytes: CAPACITY_BYTES, background: true });
  const kept: Note[] = [];
  let erased: Note | undefined;
  for (let i = 0; i < operations; i++) {
    if (kept.length === 0 || env.random.branch('notes.next', NEXT) === 'write') {
      const note = write(env, pool, 1 + (i % 200));
      env.sometimes('notes.no-room', note === undefined);
      if (note) kept.push(note);
      if (late && erased) look(env, erased);
    } else {
      const which = env.random.integer('notes.which', { min: 0, max: kept.length - 1 });
      const [note] = kept.splice(which, 1) as [Note];
      look(env, note);
      pool.free(note.block);
      erased = note;
    }
    await env.timers.sleep(1);
  }
  for (const note of kept) {
    look(env, note);
    pool.free(note.block);
  }
  env.always('notes.none-left', pool.usedBytes() === 0, `${pool.usedBytes()} bytes are in use`);
  pool.close();
}

function write(env: Env, pool: Pool, filled: number): Note | undefined {
  try {
    const block = pool.allocate(env.random.integer('notes.bytes', SIZES), 'note');
    const view = pool.view(block);
    const zeroed = view.every((byte) => byte === 0);
    env.always('notes.zeroed', zeroed, `the block at ${block} is not zeroed`);
    view.fill(filled);
    return { block, view, filled };
  } catch (error) {
    if (error instanceof MemoryError && error.code === 'out-of-memory') return undefined;
    throw error;
  }
}

function look(env: Env, { block, view, filled }: Note): void {
  const wrong = view.findIndex((byte) => byte !== filled);
  const what = () => `byte ${wrong} of the note at ${block} is ${view[wrong]}, not ${filled}`;
  env.always('notes.intact', wrong < 0, wrong < 0 ? undefined : what());
}
