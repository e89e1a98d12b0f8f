/** What is told of certain steps of a run, found by making it again up to the last of them. */
import type { EventKind, RunEvent } from '../trace/event.ts';
import type { Passage } from './passage.ts';

/** One thing told of a step. */
export interface Said {
  readonly kind: EventKind;
  readonly node: string;
  readonly text: string;
}

/**
 * So many steps before one that is told of somebody must listen: a timer knows where it was set only
 * if somebody listened then. Listening to all of a long run would take many times as long.
 */
export const LISTENED = 10_000;

/** Makes a run with a visit after each step, until one returns true. */
export type Walk = (
  visit: (passage: Passage) => boolean,
  onEvent: ((event: RunEvent) => void) | undefined,
) => Promise<void>;

/** By step; those of which nothing is told are missing. @throws DebugError */
export async function tidingsOf(
  walk: Walk,
  steps: readonly number[],
): Promise<ReadonlyMap<number, readonly Said[]>> {
  const wanted = [...new Set(steps)].sort((a, b) => a - b);
  const last = wanted.at(-1) ?? 0;
  const told = new Map<number, Said[]>();
  const isWanted = new Set(wanted);
  const hear = ({ step, kind, node, text }: RunEvent): void => {
    if (!isWanted.has(step)) return;
    const said = told.get(step);
    if (said === undefined) told.set(step, [{ kind, node, text }]);
    else said.push({ kind, node, text });
  };
  let next = 0;
  const listen = (passage: Passage): boolean => {
    const { step } = passage;
    while (next < wanted.length && wanted[next]! <= step) next++;
    const isNear = next < wanted.length && wanted[next]! - step <= LISTENED;
    passage.listen(isNear ? hear : undefined);
    return step >= last;
  };
  await walk(listen, (wanted[0] ?? Infinity) <= LISTENED ? hear : undefined);
  return told;
}
