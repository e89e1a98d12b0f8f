// Allocation and release from JavaScript: 65,536 live objects of 16 to 512 bytes, of which a random
// one is replaced and written to. Prints nanoseconds for a replacement, in time of the process, its
// collector's threads included: what other processes take is not in it.
//
//   node --expose-gc js-arm.js <pool | pool-zeroed | batches | batches-zeroed | alloc-unsafe | alloc> <seconds>

import process from 'node:process';
import { openPool } from '../index.ts';

const LIVE = 65_536;
const BATCH = 64;
const AT_ONCE = 100 * BATCH;

let state = 12_345;
/** From 0, up to 65,536 of them. Cheap, since its time is in what is measured. */
function below(bound: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return ((state >>> 16) * bound) >>> 16;
}

function poolOf(zeroed: boolean): (times: number) => void {
  const pool = openPool({ capacityBytes: 2 ** 28, zeroed });
  const bytes = new Uint8Array(pool.view(pool.allocate(16, 'first')).buffer);
  const blocks = new Int32Array(LIVE);
  for (let at = 0; at < LIVE; at++) blocks[at] = pool.allocate(16 + below(497), 'object');
  return (times) => {
    for (let n = 0; n < times; n++) {
      const at = below(LIVE);
      pool.free(blocks[at]!);
      const block = pool.allocate(16 + below(497), 'object');
      bytes[block] = 1;
      blocks[at] = block;
    }
  };
}

/** `BATCH` of them at a time, one of each stretch of the live ones. */
function batchesOf(zeroed: boolean): (times: number) => void {
  const pool = openPool({ capacityBytes: 2 ** 28, zeroed });
  const bytes = new Uint8Array(pool.view(pool.allocate(16, 'first')).buffer);
  const blocks = new Uint32Array(LIVE);
  pool.allocateAll(
    blocks.map(() => 16 + below(497)),
    'object',
    blocks,
  );
  const slots = new Uint32Array(BATCH);
  const sizes = new Uint32Array(BATCH);
  const offsets = new Uint32Array(BATCH);
  return (times) => {
    for (let n = 0; n < times; n += BATCH) {
      for (let each = 0; each < BATCH; each++) {
        const slot = each * (LIVE / BATCH) + below(LIVE / BATCH);
        slots[each] = slot;
        offsets[each] = blocks[slot]!;
        sizes[each] = 16 + below(497);
      }
      pool.freeAll(offsets);
      pool.allocateAll(sizes, 'object', offsets);
      for (let each = 0; each < BATCH; each++) {
        const block = offsets[each]!;
        bytes[block] = 1;
        blocks[slots[each]!] = block;
      }
    }
  };
}

function buffersOf(make: (bytes: number) => Buffer): (times: number) => void {
  const blocks = Array.from({ length: LIVE }, () => make(16 + below(497)));
  return (times) => {
    for (let n = 0; n < times; n++) {
      const block = make(16 + below(497));
      block[0] = 1;
      blocks[below(LIVE)] = block;
    }
  };
}

const ARMS: Record<string, () => (times: number) => void> = {
  pool: () => poolOf(false),
  'pool-zeroed': () => poolOf(true),
  batches: () => batchesOf(false),
  'batches-zeroed': () => batchesOf(true),
  'alloc-unsafe': () => buffersOf((bytes) => Buffer.allocUnsafe(bytes)),
  alloc: () => buffersOf((bytes) => Buffer.alloc(bytes)),
};

const [name, seconds] = process.argv.slice(2);
const replace = ARMS[name!]!();
replace(20 * AT_ONCE);
globalThis.gc?.();
const spentUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const start = spentUs();
let done = 0;
while (spentUs() - start < Number(seconds) * 1e6) {
  replace(AT_ONCE);
  done += AT_ONCE;
}
process.stdout.write(`${(((spentUs() - start) * 1000) / done).toFixed(2)}\n`);
