import { guardDrains } from '../../sched/drain.ts';
import { setInsideWorld } from '../../sched/inside-world.ts';
import { armGuard } from './arm.ts';
import { liveInUtc } from './surroundings.ts';
import { expectImmediateOfNode } from './wrapped.ts';

/** Runs worlds in `body`: as {@link guardDrains}, and calls into the real world are escapes. */
export function guarded<Result>(body: () => Result): Result {
  armGuard();
  liveInUtc();
  return guardDrains(() => {
    process.on('uncaughtException', expectImmediateOfNode);
    setInsideWorld(true);
    try {
      return body();
    } finally {
      setInsideWorld(false);
    }
  });
}
