/** `performance` on the node's monotonic clock (https://www.w3.org/TR/user-timing). */
import { define, defineGlobals, type Host } from './host.ts';

interface Entry {
  readonly name: string;
  readonly entryType: 'mark' | 'measure';
  readonly startTime: number;
  readonly duration: number;
  readonly detail: unknown;
}

interface MeasureOptions {
  readonly start?: string | number;
  readonly end?: string | number;
  readonly duration?: number;
  readonly detail?: unknown;
}

export function installPerformance({ clock }: Host): object {
  const timeOrigin = clock.wallMs() - clock.monotonicMs();
  let entries: Entry[] = [];

  const add = (entry: Entry): Entry => {
    entries.push(entry);
    return entry;
  };
  const momentOf = (mark: string | number | undefined, otherwise: number): number => {
    if (mark === undefined) return otherwise;
    if (typeof mark === 'number') return mark;
    const found = entries.findLast(({ name, entryType }) => name === mark && entryType === 'mark');
    if (found === undefined) throw new SyntaxError(`The mark '${mark}' has not been set`);
    return found.startTime;
  };
  const clears = (entryType: string) => (name?: string) => {
    entries = entries.filter(
      (e) => e.entryType !== entryType || (name !== undefined && e.name !== name),
    );
  };

  const performance = {};
  define(performance, {
    timeOrigin,
    now: () => clock.monotonicMs(),
    mark: (name: string, options: { startTime?: number; detail?: unknown } = {}) => {
      const { startTime = clock.monotonicMs(), detail = null } = options;
      return add({ name, entryType: 'mark', startTime, duration: 0, detail });
    },
    measure: (name: string, from?: string | MeasureOptions, to?: string) => {
      const {
        start,
        end,
        duration,
        detail = null,
      } = typeof from === 'object' ? from : { start: from, end: to };
      const startTime = momentOf(start, 0);
      const endTime =
        duration === undefined ? momentOf(end, clock.monotonicMs()) : startTime + duration;
      return add({ name, entryType: 'measure', startTime, duration: endTime - startTime, detail });
    },
    clearMarks: clears('mark'),
    clearMeasures: clears('measure'),
    getEntries: () => [...entries],
    getEntriesByName: (name: string, type?: string) =>
      entries.filter((e) => e.name === name && (type === undefined || e.entryType === type)),
    getEntriesByType: (type: string) => entries.filter((e) => e.entryType === type),
    timerify: (fn: unknown) => fn,
    eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
    toJSON: () => ({ timeOrigin }),
  });
  defineGlobals({ performance });
  return performance;
}
