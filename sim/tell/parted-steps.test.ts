import { expect, test } from 'vitest';
import type { RunEvent } from '../trace/event.ts';
import { type FullRecord, type RecordedStep, Steps } from '../trace/full-record.ts';
import { partedInWords } from './parted-steps.ts';

/** Three steps of one node, of each of which something is told. */
function full(
  changes: { readonly [number: number]: Partial<RecordedStep & RunEvent> } = {},
): FullRecord {
  const steps = new Steps();
  const events: RunEvent[] = [];
  for (const number of [1, 2, 3]) {
    const { text = `does ${number}, at f (a.mjs:${number}:1)`, ...step } = changes[number] ?? {};
    const atNs = number * 1e6;
    const rest = { lo: 1, hi: 2, site: 'timer', cause: 0, actor: 'a', atNs, before: number };
    steps.push({ number, ...rest, ...step });
    events.push({ kind: 'log', atNs, step: number, node: 'a', text });
  }
  return { steps, events };
}

test('a step that is another one is told of with what it was', () => {
  expect(partedInWords(full(), full({ 2: { actor: 'b', lo: 7 } }))).toEqual([
    'it leaves the recorded run at step 2, 2.000 ms:',
    '  recorded  a, timer, 2.000 ms: a does 2, at f (a.mjs:2:1)',
    '  now       b, timer, 2.000 ms: a does 2, at f (a.mjs:2:1)',
  ]);
});

test('where a run has ended, that is said', () => {
  const short = { steps: new Steps(), events: [] };
  expect(partedInWords(full(), short)[2]).toBe('  now       the run has ended');
});

test('what differs in one step is told, and that it may be told of nowhere', () => {
  const other = full({ 2: { text: 'does more' }, 3: { before: 9 } });
  expect(partedInWords(full(), other)).toEqual([
    'it leaves the recorded run in what it does at step 2, 2.000 ms:',
    '  recorded  a, timer, 2.000 ms: a does 2, at f (a.mjs:2:1)',
    '  now       a, timer, 2.000 ms: a does more',
  ]);
  expect(partedInWords(full(), full({ 3: { before: 9 } })).at(-1)).toMatch(/told of nowhere/);
});

test('where all steps are the same, what is told of them decides, but for lines of the program', () => {
  const moved = { text: 'does 1, at f (a.mjs:9:9)' };
  const other = full({ 1: moved, 3: { text: 'does another thing' } });
  expect(partedInWords(full(), other)[0]).toBe(
    'it leaves the recorded run in what it does at step 3, 3.000 ms:',
  );
  expect(partedInWords(full(), full({ 1: moved }))).toEqual([
    'it leaves the recorded run in what its last step does, or in what is left at the end',
  ]);
});
