import { runInThisContext } from 'node:vm';
import { insideWorld } from '../../sched/inside-world.ts';
import { installLocale } from '../inside/locale.ts';
import { guardAccessors } from './accessors.ts';
import { hideIds } from './async-ids.ts';
import { guardEvents } from './event-time.ts';
import { guardGlobals } from './globals.ts';
import { guardSurroundings } from './surroundings.ts';
import { wrapBuiltins } from './wrapped.ts';

let armed = false;

/**
 * Makes calls into the real world fail while a world runs; before that they pass. Once a process,
 * about 20 ms; the earlier, the fewer modules have taken a function of Node.js for themselves.
 */
export function armGuard(): void {
  if (armed) return;
  if (runInThisContext('globalThis') !== globalThis) {
    const what = 'worlds run in the main realm of a process or thread';
    throw new Error(`${what}: with vitest, use pool 'forks' or 'threads', not 'vmThreads'`);
  }
  armed = true;
  hideIds();
  wrapBuiltins();
  guardEvents();
  installLocale(insideWorld);
  guardAccessors();
  guardGlobals();
  guardSurroundings();
}
