import { expect, test } from 'vitest';
import { event, step, told } from '../fixtures/told.ts';
import { drawingOf } from './drawing.ts';

test('a packet leaves the row in which it was sent and arrives in that of its receiver', () => {
  const { lanes, rows } = drawingOf(
    told(
      [
        event({ kind: 'history', node: 'a-1', step: 4 }),
        event({ kind: 'log', node: 'c-1', step: 6 }),
        event({ node: 'b-1', step: 7 }),
        event({ kind: 'log', node: 'b-1', step: 7 }),
      ],
      [step({ number: 4, actor: 'a-1' }), step({ number: 7, cause: 4 })],
    ),
  );
  expect(lanes).toEqual(['a-1', 'b-1', 'c-1']);
  expect(rows.map(({ arrow }) => arrow)).toEqual([
    undefined,
    undefined,
    { from: 0, to: 1, rows: 2, arrives: true },
    undefined,
  ]);
  expect(rows.map(({ marks }) => marks)).toEqual([[0], [2], [1], [1]]);
});

test('one that was sent between two rows leaves between them, or above the first', () => {
  const rowsOf = (cause: number): number | undefined => {
    const events = [event({ node: 'a-1', step: 2 }), event({ node: 'b-1', step: 7 })];
    return drawingOf(told(events, [step({ number: 7, cause })])).rows[1]!.arrow?.rows;
  };
  expect([rowsOf(1), rowsOf(2), rowsOf(3)]).toEqual([1.5, 1, 0.5]);
});

test('a packet that comes late is drawn at the sentence that says so', () => {
  const events = [event({ kind: 'decision', step: 7 }), event({ node: 'b-1', step: 7 })];
  const { rows } = drawingOf(told(events, [step({ number: 7 })]));
  expect(rows.map(({ arrow, marks }) => [arrow?.to, marks])).toEqual([
    [1, [1]],
    [undefined, [1]],
  ]);
});

test('a packet that is lost goes no further, and a disk call is its node’s', () => {
  const events = [
    event({ kind: 'device', about: { nodes: ['a-1', 'c-1'] } }),
    event({ kind: 'decision', step: 2 }),
  ];
  const { lanes, rows } = drawingOf(
    told(events, [step({ number: 2, site: 'disk.effect', actor: 'b-1' })]),
  );
  expect(lanes).toEqual(['a-1', 'b-1', 'c-1']);
  expect(rows[0]!.arrow).toEqual({ from: 0, to: 2, rows: 0, arrives: false });
  expect(rows[1]!.marks).toEqual([1]);
});

test('nodes are under a fault from its beginning to its end', () => {
  const fault = (name: string, nodes: readonly string[], ends = false) =>
    event({ kind: 'fault', about: { nodes, fault: name, ends } });
  const { rows } = drawingOf(
    told([
      fault('split', ['a-1', 'b-1']),
      fault('slow-disk', ['c-1']),
      fault('isolate', ['a-1']),
      fault('split', ['a-1', 'b-1'], true),
      fault('crash', ['c-1']),
      fault('clock-jump', ['b-1']),
      fault('all', [], true),
      event({ kind: 'note', node: 'c-1', text: 'restarts' }),
    ]),
  );
  expect(rows.map(({ after }) => after)).toEqual([
    ['cut', 'cut', 'well'],
    ['cut', 'cut', 'strained'],
    ['cut', 'cut', 'strained'],
    ['cut', 'well', 'strained'],
    ['cut', 'well', 'down'],
    ['cut', 'well', 'down'],
    ['well', 'well', 'down'],
    ['well', 'well', 'well'],
  ]);
  expect(rows[1]!.before).toEqual(rows[0]!.after);
});

test('when a core heals, what is outside of it stays as it is', () => {
  const about = { nodes: ['a-1', 'b-1'], fault: 'all', ends: true };
  const { rows } = drawingOf(
    told([
      event({ kind: 'fault', about: { nodes: ['a-1', 'c-1'], fault: 'split' } }),
      event({ kind: 'fault', about }),
    ]),
  );
  const { lanes } = drawingOf(told([event({ kind: 'fault', about })]));
  expect(lanes).toEqual(['a-1', 'b-1']);
  expect(rows[1]!.after).toEqual(['well', 'well', 'cut']);
});

test('of a long story what lies between is folded, but for its faults, and they go on', () => {
  const events = Array.from({ length: 1_000 }, (_, i) => event({ node: 'a-1', step: i + 1 }));
  events[500] = event({ kind: 'fault', step: 501, about: { nodes: ['a-1'], fault: 'isolate' } });
  const { rows } = drawingOf(told(events, [step({ number: 1_000, cause: 400, actor: 'b-1>a-1' })]));
  const folds = rows.filter(({ sentence }) => sentence === undefined);
  expect(folds.map(({ folded }) => folded)).toEqual([440, 319]);
  expect(folds.map(({ after }) => after[0])).toEqual(['well', 'cut']);
  const shown = rows.flatMap(({ sentence }) => sentence?.number ?? []);
  expect(shown.length + 440 + 319).toBe(1_000);
  expect(shown.slice(59, 62)).toEqual([60, 501, 821]);
  // The packet was sent in the first fold, and arrives in the last row.
  expect(rows.at(-1)!.arrow?.rows).toBe(rows.length - 1 - 60 + 0.5);
});
