import type { Env } from '../../sim/env/env.ts';

export type ProgramArgs = {
  readonly programs: readonly string[];
};

/** Runs native programs on fibers, one after the other, up to the first that does not pass. */
export default async function run(env: Env, { programs }: ProgramArgs): Promise<void> {
  for (const program of programs) {
    const { verdict, message } = env.threads.native(program);
    env.always('native.passes', verdict === 'passed', `${program}: ${verdict}: ${message}`);
    await env.timers.sleep(1);
  }
}
