import { guardDrains } from '../../sched/drain.ts';
import { watch } from '../../sched/watch.ts';
import { armGuard } from './arm.ts';
import { expectImmediateOfNode } from './wrapped.ts';

/** Runs worlds in `body`: as {@link guardDrains}, and calls into the real world are escapes. */
export function guarded<Result>(body: () => Result): Result {
  armGuard();
  return guardDrains(() => {
    process.on('uncaughtException', expectImmediateOfNode);
    watch(true);
    try {
      return body();
    } finally {
      watch(false);
    }
  });
}
