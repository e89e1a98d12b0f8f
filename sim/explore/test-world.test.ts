import { expect, test } from 'vitest';
import { broken } from './fixtures/explored.ts';
import { bodySubject, type TestNode } from './test-world.ts';
import type { WorldSubject } from './world-run.ts';

/** `started` counts the lives of a node that goes through this, `beats` what they do afterwards. */
function lives(
  goesThrough: (node: TestNode) => void,
  wanted: { readonly started: number; readonly beating: number },
): WorldSubject {
  return bodySubject('lives', {}, async ({ env, node }) => {
    let started = 0;
    let beats = 0;
    const one = node('one', async (own) => {
      started++;
      for (;;) {
        await own.timers.sleep(100);
        beats++;
      }
    });
    await env.timers.sleep(10);
    goesThrough(one);
    await env.timers.sleep(1_050);
    env.always('starts as often as wanted', started === wanted.started, `${started} starts`);
    const beating = Math.round(beats / 10);
    env.always('as many live as wanted', beating === wanted.beating, `${beats} beats`);
  });
}

test.for([
  [
    'two restarts start one',
    (node: TestNode) => [node.crash(), node.restart(), node.restart()],
    2,
    1,
  ],
  ['a restart of what runs starts none', (node: TestNode) => [node.restart()], 1, 1],
  [
    'a crash ends a start that was ordered',
    (node: TestNode) => [node.crash(), node.restart(), node.crash()],
    1,
    0,
  ],
  [
    'after which it may start again',
    (node: TestNode) => [node.crash(), node.restart(), node.crash(), node.restart()],
    2,
    1,
  ],
] as const)('%s', async ([, goesThrough, started, beating]) => {
  const subject = lives(goesThrough, { started, beating });
  expect(await broken(subject, { seeds: 20 })).toEqual(new Map());
});

test('a restart while a fault keeps a node down waits for its end', async () => {
  const subject = bodySubject('down', {}, async ({ env, node, fault }) => {
    let startedMs: number[] = [];
    const one = node('one', async () => {
      startedMs = [...startedMs, env.clock.monotonicMs()];
      await new Promise(() => {});
    });
    await env.timers.sleep(10);
    const end = fault({ kind: 'crash', node: 'one', forMs: 500 });
    one.restart();
    await env.timers.sleep(500);
    env.always('it is down', startedMs.length === 1);
    end();
    one.restart();
    await env.timers.sleep(100);
    env.always('it is up, once', startedMs.length === 2);
  });
  expect(await broken(subject, { seeds: 20 })).toEqual(new Map());
});
