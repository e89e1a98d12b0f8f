import { mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

const BLOCKS = 26;
const INODES = 32;

/** Files take inodes and blocks (Flanagan and Godefroid, POPL 2005); there is one file too many. */
export function fsbench(variant: Variant): ThreadsProgram<unknown> {
  return created({
    name: 'fsbench',
    setup: () => ({
      inodeLocks: Array.from({ length: BLOCKS }, () => mutex()),
      blockLocks: Array.from({ length: BLOCKS }, () => mutex()),
      inodes: Array.from({ length: INODES }, () => plain(0)),
      busy: Array.from({ length: BLOCKS }, () => plain(false)),
    }),
    threads: {
      file: {
        count: variant === 'bug' ? BLOCKS + 1 : BLOCKS,
        *body({ inodeLocks, blockLocks, inodes, busy }, index) {
          const i = index % INODES;
          holds(i < BLOCKS, 'there is a lock for the inode');
          yield inodeLocks[i]!.lock();
          if ((yield* inodes[i]!.read()) === 0) {
            for (let tried = 0; tried < BLOCKS / 2; tried++) {
              const block = (2 * i + tried) % BLOCKS;
              yield blockLocks[block]!.lock();
              const free = !(yield* busy[block]!.read());
              if (free) {
                yield busy[block]!.write(true);
                yield inodes[i]!.write(block + 1);
              }
              yield blockLocks[block]!.unlock();
              if (free) break;
            }
          }
          yield inodeLocks[i]!.unlock();
        },
      },
    },
    check({ busy }) {
      holds(
        busy.every(({ value }) => value),
        'all blocks are taken',
      );
    },
  });
}
