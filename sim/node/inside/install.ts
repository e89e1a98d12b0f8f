/** Makes a bare realm the one of a simulated process. */
import { installAbortSignal } from './abort.ts';
import { installDate } from './date.ts';
import { define, defineGlobals } from './host.ts';
import { adopt, installIdentity } from './identity.ts';
import { installIntl } from './intl.ts';
import { installLocale } from './locale.ts';
import { installPerformance } from './performance.ts';
import { makeProcess, type ProcessHost, type SimulatedProcess } from './process.ts';
import { installStructuredClone } from './structured-clone.ts';
import { installTemporal } from './temporal.ts';
import { installTimers, promisifiesTo } from './timers.ts';
import { promisedTimers } from './timers-promises.ts';
import { installUndecided } from './undecided.ts';

/** Built-in modules that have to be of this realm. */
export interface Installed {
  readonly process: SimulatedProcess;
  readonly timers: object;
  readonly timersPromises: object;
  readonly performance: object;
  /** See {@link adopt}. */
  readonly adopt: (value: unknown) => void;
}

export function install(host: ProcessHost): Installed {
  const { clock } = host;
  installDate(host);
  installTemporal(host);
  installLocale(() => true);
  installIntl(() => clock.wallMs());
  installUndecided(host);
  define(Math, { random: () => host.random() });
  const timers = installTimers(host);
  const timersPromises = promisedTimers(timers);
  promisifiesTo(timers, timersPromises);
  installAbortSignal(host, timers);
  installStructuredClone(host);
  const performance = installPerformance(host);
  const process = makeProcess(host);
  define(globalThis, { process });
  defineGlobals({ global: globalThis });
  installIdentity(host);
  return {
    process,
    timers: { ...timers, promises: timersPromises },
    timersPromises,
    performance,
    adopt: (value) => adopt(value, host),
  };
}
