import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explored } from '../explore/fixtures/explored.ts';
import { fileSubject } from '../explore/subjects.ts';
import { bodySubject } from '../explore/test-world.ts';
import type { WorldSubject } from '../explore/world-run.ts';
import { OVERDRAWN } from '../node/fixtures/overdrawn.ts';
import { tree } from '../node/fixtures/tree.ts';
import { compareWith } from './compare.ts';
import { Journey } from './journey.ts';
import { evaluateOn } from './look.ts';
import { changesOf, until } from './scout.ts';
import { why } from './why.ts';

const PACE = { hangMs: 5_000, stopped: () => false };
const NOTHING = new Map<string, object>();

function file(text: string, making: 'open' | 'plain' = 'open'): WorldSubject {
  const folder = tree({ 'main.mjs': text });
  return fileSubject('main.mjs', join(folder, 'main.mjs'), NOTHING, making);
}

function open(subject: WorldSubject, seed: string, pace = PACE): Promise<Journey> {
  return Journey.open({ subject, spec: { seed, strategy: 'random' } }, pace);
}

async function evaluated(journey: Journey, code: string): Promise<string> {
  const { text } = await journey.look((scene) => evaluateOn(scene, 'main', code));
  return text;
}

async function found(journey: Journey, expression: string, way: 'forward' | 'back' = 'forward') {
  return until(journey, { is: 'holds', node: 'main', expression }, way);
}

/** A seed that fails, of the first 20; all pass with a chance below 1e-5. */
async function failing(subject: WorldSubject): Promise<string> {
  const results = await explored(subject, { seeds: 20 });
  return results.find(({ verdict }) => verdict === 'violated')!.seed;
}

test('a journey makes the run that nobody disturbs, at whichever steps it stood and whatever it asked', async () => {
  const plain = file(OVERDRAWN, 'plain');
  const seed = await failing(plain);
  const undisturbed = (await explored(plain, { seeds: Number(seed) })).at(-1)!;
  const journey = await open(file(OVERDRAWN), seed);
  const { steps, result } = journey.course;
  expect(result).toMatchObject({ verdict: 'violated', digest: undisturbed.digest });
  const digests: string[] = [];
  for (let step = 1; step <= steps; step++) digests.push((await journey.goto(step)).digest);
  const disturbing = [
    'balance = 1e9',
    'console.log(Math.random())',
    'setTimeout(() => { balance = 7; }, 1)',
    'Promise.reject(new Error("in vain"))',
    'process.exit(3)',
    '(() => { throw new Error("in vain") })()',
  ];
  for (let step = steps; step > 1; step--) {
    await journey.goto(step);
    await evaluated(journey, disturbing[step % disturbing.length]!);
    await journey.look((scene) => scene.show('main'));
    expect((await journey.goto(step - 1)).digest).toBe(digests[step - 2]);
  }
  expect((await open(file(OVERDRAWN), seed)).course.result.digest).toBe(undisturbed.digest);
});

test('what was evaluated is gone with the next look', async () => {
  const journey = await open(file(OVERDRAWN), '1');
  await journey.goto(2);
  expect(await evaluated(journey, 'balance = 5')).toBe('5');
  expect(await evaluated(journey, 'balance')).toBe('100');
  expect(await evaluated(journey, '({ balance }).balance + 1')).toBe('101');
  expect(await evaluated(journey, 'const twice = balance * 2; twice')).toBe('200');
});

test('what is thrown is an answer', async () => {
  const journey = await open(file(OVERDRAWN), '1');
  await journey.goto(2);
  const [world, thrown] = [await journey.here(), 'ReferenceError: nope is not defined'];
  expect(await journey.look((scene) => evaluateOn(scene, 'main', 'nope'))).toEqual({
    is: 'thrown',
    text: thrown,
  });
  expect(await journey.here()).toEqual(world);
});

test('one goes to where an expression holds, and back to where it last did', async () => {
  const seed = await failing(file(OVERDRAWN, 'plain'));
  const journey = await open(file(OVERDRAWN), seed);
  await journey.goto(1);
  const first = await found(journey, 'balance === 30');
  expect(first).toMatchObject({ actor: 'main', site: 'timer' });
  expect(await evaluated(journey, 'balance')).toBe('30');
  const { changes } = await changesOf(journey, 'main', 'balance');
  expect(changes.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'nothing yet 100',
    '100 30',
    '30 -40',
  ]);
  expect(changes[1]).toMatchObject({ step: 'step' in first ? first.step : 0 });
  const before = await found(journey, 'balance === 100', 'back');
  expect(before).toMatchObject({ step: changes[1]!.step - 1 });
  expect(await found(journey, 'balance > 1000')).toEqual({ thrown: undefined });
  expect(await found(journey, 'nope')).toEqual({ thrown: 'ReferenceError: nope is not defined' });
  expect(journey.step).toBe(changes[1]!.step - 1);
});

test('what changes the run by being asked, or assigns, is refused', async () => {
  const journey = await open(file(OVERDRAWN), '1');
  await journey.goto(1);
  const refused = { name: 'DebugError', code: 'disturbs' };
  await expect(found(journey, 'console.log(1) || balance < 100')).rejects.toMatchObject(refused);
  const never = ['console.log(1)', 'Math.random() > 2', 'setTimeout(() => {}, 1) === 0'];
  for (const condition of never) {
    await expect(found(journey, condition)).rejects.toMatchObject(refused);
    await journey.goto(journey.course.steps);
    await expect(found(journey, condition, 'back')).rejects.toMatchObject(refused);
    await journey.goto(1);
  }
  const changes = changesOf(journey, 'main', 'Math.random()');
  await expect(changes).rejects.toMatchObject(refused);
  await expect(found(journey, 'balance = 30')).rejects.toMatchObject({ code: 'bad-code' });
  await expect(found(journey, 'balance <')).rejects.toMatchObject({ code: 'bad-code' });
  expect(journey.step).toBe(1);
});

test('the chain of causes goes back to the start', async () => {
  const journey = await open(file(OVERDRAWN), '1');
  const { links, more } = await why(journey, journey.step, 100);
  expect(more).toBe(0);
  expect(links.at(-1)).toMatchObject({ step: 1, actor: 'world' });
  for (const [i, { cause }] of links.slice(0, -1).entries()) expect(links[i + 1]!.step).toBe(cause);
  const timer = links.find(({ site }) => site === 'timer')!;
  expect(timer.said[0]!.text).toMatch(/^fires the \d+ ms timer set at .*main\.mjs:\d+:\d+/);
});

test('a message is made by the step that sent it, on another node', async () => {
  const subject = bodySubject('ping', {}, async ({ env, node }) => {
    node('server', async ({ net }) => net.serve('ping', async () => 'pong'));
    await env.timers.sleep(10);
    await env.net.call('server', 'ping', null, { timeoutMs: 1000 });
  });
  const journey = await open(subject, '1');
  const { links } = await why(journey, journey.step, 100);
  const actors = links.map(({ actor }) => actor);
  expect(actors.slice(0, 3)).toEqual(['server>test', 'test>server', 'test']);
});

test('a change makes a branch with an outcome of its own, and the run stays as it was', async () => {
  const seed = await failing(file(OVERDRAWN, 'plain'));
  const journey = await open(file(OVERDRAWN), seed);
  const { digest } = journey.course.result;
  const at = await found(await rewound(journey), 'balance === 100');
  const step = 'step' in at ? at.step : 0;
  const branch = await journey.change({ is: 'code', step, node: 'main', code: 'balance += 1000' });
  expect(branch.course.result).toMatchObject({ verdict: 'passed' });
  expect(await evaluated(journey, 'balance')).toBe('1100');
  await journey.goto(journey.course.steps);
  expect(await evaluated(journey, 'balance')).toBe('960');
  await journey.switchTo(0);
  await journey.goto(step);
  expect(await evaluated(journey, 'balance')).toBe('100');
  expect((await journey.goto(journey.course.steps)).digest).toBeDefined();
  expect(journey.course.result).toMatchObject({ verdict: 'violated', digest });
});

test('other draws leave the run as it was up to the step, and the draws of changes before it', async () => {
  const seed = await failing(file(OVERDRAWN, 'plain'));
  const journey = await open(file(OVERDRAWN), seed);
  const { steps, result } = journey.course;
  const verdicts = new Set<string>();
  for (let step = 1; step < steps; step++) {
    await journey.switchTo(0);
    const { digest } = await journey.goto(step);
    for (const redrawn of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await journey.switchTo(0);
      await journey.goto(step);
      const branch = await journey.redraw(redrawn);
      expect((await journey.goto(step)).digest).toBe(digest);
      verdicts.add(branch.course.result.verdict);
    }
  }
  expect([...verdicts].sort()).toEqual(['passed', 'violated']);
  await journey.switchTo(0);
  await journey.goto(2);
  await journey.change({ is: 'code', step: 2, node: 'main', code: 'balance += 1000' });
  for (const redrawn of ['a', 'b', 'c']) {
    await journey.goto(2);
    const branch = await journey.redraw(redrawn);
    expect(branch.course.result.verdict).toBe('passed');
    expect(branch.redrawn.map(({ seed: of }) => of)).toEqual([redrawn]);
    await journey.goto(journey.course.steps);
    expect(await evaluated(journey, 'balance')).toBe('960');
  }
  await journey.switchTo(0);
  expect(journey.course.result).toEqual(result);
});

test('a change after the end, on a node that has ended, or that throws makes no branch', async () => {
  const seed = await failing(file(OVERDRAWN, 'plain'));
  const journey = await open(file(OVERDRAWN), seed);
  const change = { is: 'code', node: 'main', code: 'balance = 1' } as const;
  const { step } = journey;
  await expect(journey.change({ ...change, step })).rejects.toMatchObject({ code: 'over' });
  await journey.goto(2);
  const throws = { ...change, step: 2, code: 'nope()' };
  await expect(journey.change(throws)).rejects.toThrow('nope is not defined');
  expect(journey.branches).toHaveLength(1);
});

test('a change may be that the program exits there', async () => {
  const journey = await open(file(OVERDRAWN), await failing(file(OVERDRAWN, 'plain')));
  await journey.goto(2);
  const change = { is: 'code', step: 2, node: 'main', code: 'process.exit(7)' } as const;
  const { course } = await journey.change(change);
  expect(course.result.failure).toMatchObject({ message: expect.stringMatching(/7/), step: 2 });
});

test('runs of two seeds are compared by the steps that they share', async () => {
  const journey = await open(file(OVERDRAWN), '1');
  const same = await compareWith(journey, '1');
  expect(same).toMatchObject({
    sameUpTo: journey.course.steps,
    here: { own: 0 },
    there: { own: 0 },
  });
  const seed = await failing(file(OVERDRAWN, 'plain'));
  const other = await compareWith(journey, seed);
  expect(other.there.result).toMatchObject({ seed, verdict: 'violated' });
  expect(other.there.parts ?? other.here.parts).toBeDefined();
});

test('steps near one that was gone to are gone to without another run', async () => {
  let runs = 0;
  const subject = bodySubject('long', {}, async ({ env }) => {
    runs++;
    for (let i = 0; i < 100; i++) await env.timers.sleep(1);
  });
  const journey = await open(subject, '1');
  const steps = [100, 101, 102, 103, 102, 101, 100, 60, 61];
  const places = [];
  for (const step of steps) places.push(await journey.goto(step));
  expect(runs).toBe(2);
  for (const [i, step] of steps.entries()) {
    const anew = await open(subject, '1');
    expect(await anew.goto(step)).toEqual(places[i]);
  }
});

test('a program that is not deterministic is caught, and not shown as another run', async () => {
  let starts = 0;
  const subject = bodySubject('count', {}, async ({ env }) => {
    starts++;
    await env.timers.sleep(starts);
    await env.timers.sleep(5);
  });
  const journey = await open(subject, '1');
  await expect(journey.goto(journey.course.steps)).rejects.toMatchObject({ code: 'diverged' });
});

test('what never ends is given up, and the journey goes on', async () => {
  const journey = await open(file(OVERDRAWN), '1', { ...PACE, hangMs: 300 });
  await journey.goto(2);
  await expect(evaluated(journey, '(() => { for (;;); })()')).rejects.toMatchObject({
    code: 'hung',
  });
  await expect(found(journey, '(() => { for (;;); })()')).rejects.toMatchObject({ code: 'hung' });
  expect(await evaluated(journey, 'balance')).toBe('100');
});

test('a run that hangs can be looked at up to the step that does', async () => {
  const subject = file('let state = 1; setTimeout(() => { state = 2; for (;;); }, 5);');
  const journey = await open(subject, '1', { ...PACE, hangMs: 300 });
  expect(journey.course.result.verdict).toBe('inconclusive');
  await journey.goto(journey.course.steps);
  expect(await evaluated(journey, 'state')).toBe('1');
});

test('a search is given up when one is stopped', async () => {
  let stopped = false;
  const journey = await open(file(OVERDRAWN), '1', { ...PACE, stopped: () => stopped });
  stopped = true;
  await expect(found(journey, 'balance < 0')).rejects.toMatchObject({ code: 'stopped' });
  stopped = false;
  expect(await journey.goto(2)).toMatchObject({ step: 2 });
});

test('timers of one turn are steps of their own', async () => {
  const subject = file(`let at = 0;
for (const next of [1, 2, 3]) setTimeout(() => { at = next; }, 5);
globalThis.shown = { at };
`);
  const journey = await open(subject, '1');
  for (const value of [1, 2, 3]) {
    const place = await found(value === 1 ? await rewound(journey) : journey, `at === ${value}`);
    expect(place).toMatchObject({ site: 'timer' });
    expect(await evaluated(journey, 'at')).toBe(String(value));
    const nobody = journey.look((scene) => scene.show('mian'));
    await expect(nobody).rejects.toThrow("no node is named 'mian'; did you mean 'main'?");
  }
  const state = await journey.look((scene) => scene.show('main'));
  expect(state).toMatchObject({
    is: 'state',
    nodes: [
      {
        variables: [{ name: 'at', text: '3' }],
        globals: [{ name: 'shown', text: '{ at: 0 }' }],
      },
    ],
  });
});

async function rewound(journey: Journey): Promise<Journey> {
  await journey.goto(1);
  return journey;
}
