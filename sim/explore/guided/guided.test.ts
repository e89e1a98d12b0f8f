import { expect, test } from 'vitest';
import { SCTBENCH } from '../../../scenarios/sctbench/catalogue.ts';
import type { Env } from '../../env/env.ts';
import { Campaign } from '../campaigns.ts';
import { type FinishedRun, runEach, runOne } from '../runner.ts';
import type { Subject } from '../subject.ts';
import { bodySubject } from '../test-world.ts';
import { threadsSubject } from '../threads-subject.ts';
import { Signals } from './signals.ts';

function suite(name: string): Subject {
  return threadsSubject(SCTBENCH.find((entry) => entry.name === name)!.program('bug'));
}

/** A dial that is to be turned to 12 by turns that are right one time in four. */
function dial(): Subject {
  return bodySubject('dial', {}, async ({ node, env }) => {
    const turned = node('dial-1', async ({ observe, random, timers }: Env) => {
      let at = 0;
      observe('at', () => at);
      for (let turn = 0; turn < 12; turn++) {
        await timers.sleep(1);
        at = random.integer('way', { min: 0, max: 3 }) === 0 ? at + 1 : 0;
      }
      if (at >= 6) throw new Error('open');
    });
    await turned.finished;
    await env.timers.sleep(1);
  });
}

function guided(subject: Subject, seed: string, runsMax: number): AsyncGenerator<FinishedRun> {
  return new Campaign(subject, { strategy: 'guided', seed, runsMax }).runs();
}

async function firstFailure(subject: Subject, seed: string, runs: number): Promise<number> {
  let run = 0;
  for await (const { result } of guided(subject, seed, runs)) {
    run++;
    if (result.verdict === 'violated') return run;
  }
  return Infinity;
}

/** The same, of which nothing is to be seen but a hint, and 10 right turns in a row are wanted. */
function lock(hint: 'most' | 'least' | 'none'): Subject {
  return bodySubject('lock', {}, async ({ node, env }) => {
    const turned = node('lock-1', async ({ maximise, minimise, random, timers }: Env) => {
      let at = 0;
      for (let turn = 0; turn < 30; turn++) {
        await timers.sleep(1);
        at = random.integer('way', { min: 0, max: 3 }) === 0 ? at + 1 : 0;
        if (hint === 'most') maximise('at', at);
        if (hint === 'least') minimise('left', 10 - at);
        if (at === 10) throw new Error('open');
      }
    });
    await turned.finished;
    await env.timers.sleep(1);
  });
}

async function firstByChance(subject: Subject, runs: number): Promise<number> {
  const specs = Array.from({ length: runs }, (_, i) => ({
    seed: String(i + 1),
    strategy: 'random' as const,
  }));
  for await (const { result, spec } of runEach(subject, specs)) {
    if (result.verdict === 'violated') return Number(spec.seed);
  }
  return Infinity;
}

test('what a node observes leads to a state that chance hardly comes to', async () => {
  expect(await firstByChance(dial(), 400)).toBe(Infinity);
  expect(await firstFailure(dial(), 'a', 400)).toBeLessThan(400);
});

test('what a program hints at leads where nothing else does', async () => {
  expect(await firstFailure(lock('none'), 'a', 600)).toBe(Infinity);
  expect(await firstFailure(lock('most'), 'a', 600)).toBeLessThan(600);
  expect(await firstFailure(lock('least'), 'a', 600)).toBeLessThan(600);
});

test('the state of threads leads to a schedule that chance does not find', async () => {
  expect(await firstByChance(suite('reorder_10'), 1000)).toBe(Infinity);
  expect(await firstFailure(suite('reorder_10'), 'a', 1000)).toBeLessThan(1000);
});

test('a campaign is decided by its seed', async () => {
  const digests = async (seed: string): Promise<string[]> => {
    const all: string[] = [];
    for await (const { result } of guided(dial(), seed, 40)) all.push(result.digest);
    return all;
  };
  const once = await digests('a');
  expect(await digests('a')).toEqual(once);
  expect(await digests('b')).not.toEqual(once);
});

test('looking at a run changes nothing of it', async () => {
  for (const subject of [dial(), suite('stack')]) {
    const spec = { seed: '7', strategy: 'random' } as const;
    const alone = await runOne(subject, spec);
    const signals = new Signals();
    const watched = await runOne(subject, { ...spec, signals });
    expect(watched.result).toEqual(alone.result);
    expect(signals.shown.length).toBeGreaterThan(5);
  }
});
