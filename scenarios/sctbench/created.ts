import {
  type Body,
  spawn,
  type Thread,
  type ThreadsOptions,
  type ThreadsProgram,
  threads,
} from '../../sim/threads/index.ts';

export interface CreatedOptions<State> extends ThreadsOptions<State> {
  /** What the main thread does itself once it has created all others. */
  readonly main?: Body<State>;
}

/**
 * A program as the suite has them: a main thread creates the others in the order given, competes with
 * them meanwhile, and joins them in that order.
 */
export function created<State>(options: CreatedOptions<State>): ThreadsProgram<State> {
  const { name, setup, check, main } = options;
  const bodies = Object.entries(options.threads).flatMap(([group, body]) =>
    typeof body === 'function'
      ? [{ thread: group, body, index: 0 }]
      : Array.from({ length: body.count }, (_, index) => ({
          thread: `${group}-${index + 1}`,
          body: body.body,
          index,
        })),
  );
  return threads({
    name,
    setup,
    threads: {
      *main(state: State) {
        const all: Thread<unknown>[] = [];
        for (const { thread, body, index } of bodies) {
          all.push(yield* spawn(thread, () => body(state, index)));
        }
        if (main !== undefined) yield* main(state, 0);
        for (const thread of all) yield thread.join();
      },
    },
    ...(check && { check }),
  });
}
