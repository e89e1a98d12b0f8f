import { expect, test } from 'vitest';
import { HistoryRecorder } from './history-recorder.ts';

test('events stand in the order in which they were heard of', () => {
  const recorder = new HistoryRecorder();
  const [a, b] = ['a', 'b'].map((name) => recorder.process(name));
  const write = a!.invoke('write', 1);
  const read = b!.invoke('read');
  write.ok();
  read.fail('refused');
  a!.invoke('write', 2).unknown('timed out');
  a!.invoke('write', 3);
  const never = { outcome: 'unknown', output: undefined, returned: Infinity };
  expect(recorder.operations).toEqual([
    { process: 'a', name: 'write', input: 1, outcome: 'ok', output: null, called: 0, returned: 2 },
    {
      process: 'b',
      name: 'read',
      input: null,
      outcome: 'fail',
      output: undefined,
      reason: 'refused',
      called: 1,
      returned: 3,
    },
    { process: 'a', name: 'write', input: 2, ...never, reason: 'timed out', called: 4 },
    { process: 'a', name: 'write', input: 3, ...never, called: 5 },
  ]);
});

test('what the program changes later is recorded as it was', () => {
  const recorder = new HistoryRecorder();
  const list = [1];
  const call = recorder.process('a').invoke('append', list);
  list.push(2);
  call.ok(list);
  list.push(3);
  expect(recorder.operations[0]).toMatchObject({ input: [1], output: [1, 2] });
});

test('a call ends once', () => {
  const call = new HistoryRecorder().process('a').invoke('read');
  call.ok(1);
  expect(() => call.unknown()).toThrowError("'read' of a has ended already");
});

test.each<[string, unknown, string]>([
  ['a function', () => 1, 'plain data has no function'],
  ['NaN', NaN, 'finite numbers only, not NaN'],
  ['a map', new Map(), 'input is a Map, which is not plain data'],
  ['a date below it', { at: new Date(0) }, 'input.at is a Date, which is not plain data'],
])('%s is refused when it is recorded', (_, value, message) => {
  const { invoke } = new HistoryRecorder().process('a');
  expect(() => invoke('write', value as null)).toThrowError(message);
  expect(() => invoke('write', value as null)).toThrowError(TypeError);
});
