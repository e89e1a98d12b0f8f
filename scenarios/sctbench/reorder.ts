import { cell, mutex, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

/** Setters write a, then b; checkers read both, and must not see one without the other. */
export function reorder(
  setters: number,
  checkers: number,
): (variant: Variant) => ThreadsProgram<unknown> {
  return (variant) =>
    created({
      name: `reorder_${setters + checkers}`,
      setup: () => ({ m: mutex(), a: cell(0), b: cell(0) }),
      threads: {
        setter: {
          count: setters,
          *body({ m, a, b }) {
            if (variant === 'control') yield m.lock();
            yield a.store(1);
            yield b.store(-1);
            if (variant === 'control') yield m.unlock();
          },
        },
        checker: {
          count: checkers,
          *body({ m, a, b }) {
            if (variant === 'control') yield m.lock();
            const before = (yield* a.load()) === 0 && (yield* b.load()) === 0;
            const after = before || ((yield* a.load()) === 1 && (yield* b.load()) === -1);
            holds(after, 'both are set, or neither');
            if (variant === 'control') yield m.unlock();
          },
        },
      },
    });
}
