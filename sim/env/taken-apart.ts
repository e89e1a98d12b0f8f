import type { Env } from './env.ts';

const FUNCTIONS = [
  'peers',
  'operation',
  'observe',
  'maximise',
  'minimise',
  'buggify',
  'always',
  'sometimes',
  'reachable',
  'unreachable',
  'eventually',
] as const satisfies readonly (keyof Env)[];

/** Lets Env's own functions be called without it, as by `async ({ peers, always }) => …`. */
export function mayBeTakenApart(env: Env): void {
  const own = env as { -readonly [name in keyof Env]: Env[name] };
  for (const name of FUNCTIONS) (own[name] as unknown) = env[name].bind(env);
}
