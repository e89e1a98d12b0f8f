import { expect, test } from 'vitest';
import type { Env } from '../env/env.ts';
import { runOne } from '../explore/runner.ts';
import { bodySubject } from '../explore/test-world.ts';
import { framesOf } from '../trace/told.ts';

// Each is what much code that is not TypeScript would write.
const CALLS: readonly (readonly [call: (env: Env) => unknown, says: string])[] = [
  [
    (env) => Reflect.apply(env.observe, env, ['x', 5]),
    "observe('x', …) was given 5; it is env.observe(name, () => plainData)",
  ],
  [
    (env) => Reflect.apply(env.eventually, env, ['x']),
    "eventually('x', …) was given nothing; it is env.eventually(name, () => trueOrFalse)",
  ],
  [
    (env) => Reflect.apply(env.threads.spawn, env.threads, [() => {}]),
    'threads.spawn was given a function; it is env.threads.spawn(name, function* () { … })',
  ],
  [
    (env) => Reflect.apply(env.threads.spawn, env.threads, ['a']),
    "threads.spawn('a', …) was given nothing; it is env.threads.spawn(name, function* () { … })",
  ],
  [
    (env) => Reflect.apply(env.net.serve, env.net, ['add']),
    "net.serve('add', …) was given nothing; it is env.net.serve(method, (request, from) => { … })",
  ],
  [
    (env) => Reflect.apply(env.timers.after, env.timers, [5]),
    'timers.after was given nothing; it is env.timers.after(delayMs, () => { … })',
  ],
  [
    (env) => Reflect.apply(env.timers.every, env.timers, [5, {}]),
    'timers.every was given an object; it is env.timers.every(periodMs, () => { … })',
  ],
  [
    (env) => Reflect.apply(env.timers.immediate, env.timers, [null]),
    'timers.immediate was given null; it is env.timers.immediate(() => { … })',
  ],
  [
    (env) => Reflect.apply(env.operation, env, ['x', async () => {}]),
    "operation('x', …) was given a function; it is env.operation(label, { thinkMs }, async () => { … })",
  ],
  [
    (env) => Reflect.apply(env.operation, env, ['x', { thinkMs: 'soon' }, async () => {}]),
    "operation('x', …): thinkMs is 'soon', not 0 ms or more; it is env.operation(label, { thinkMs }, async () => { … })",
  ],
];

test.each(CALLS)(
  'what a call of Env cannot take is refused at once, %#: %s',
  async (call, says) => {
    const subject = bodySubject('given', { forMs: 1_000 }, async ({ env }) => {
      call(env);
    });
    const { result } = await runOne(subject, { seed: '1', strategy: 'random' });
    expect(result.failure).toMatchObject({ property: 'uncaught TypeError', message: says });
    expect(framesOf(result.failure!)[0]).toContain('given.test.ts');
  },
);
