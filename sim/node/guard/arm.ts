import { guardGlobals } from './globals.ts';
import { wrapBuiltins } from './wrapped.ts';

let armed = false;

/**
 * Makes calls into the real world fail while a world runs; before that they pass. Once a process,
 * about 20 ms; the earlier, the fewer modules have taken a function of Node.js for themselves.
 */
export function armGuard(): void {
  if (armed) return;
  armed = true;
  wrapBuiltins();
  guardGlobals();
}
