import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Explored } from './explored.ts';
import { anyExplored, explored, failed } from './fixtures/explored.ts';
import { githubAnnotations } from './github.ts';
import { explanation, printable } from './text.ts';

const FOLDERS = { cwd: '/work/app', root: '/work' };

function annotations(...all: Explored[]): string {
  return githubAnnotations(all, FOLDERS);
}

/** As the runner reads a line that begins with `::` (actions/runner, ActionCommand.cs). */
function parse(line: string): { kind: string; properties: object; message: string } {
  const [, kind, pairs, message] = /^::(\w+) (.*?)::(.*)$/.exec(line)!;
  const properties = pairs!.split(',').map((pair) => {
    const at = pair.indexOf('=');
    const value = pair
      .slice(at + 1)
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',');
    return [pair.slice(0, at), decoded(value)];
  });
  return { kind: kind!, properties: Object.fromEntries(properties), message: decoded(message!) };
}

function decoded(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

const STACK = `Error: lost
    at node:internal/process/task_queues:95:5
    at lock (/work/app/node_modules/mutex/index.js:3:5)
    at save (src/save.ts:12:7)
    at main.ts:1:1`;

test('a bug is shown at the innermost line of the stack that is no package', () => {
  const failures = [failed({}, { stack: STACK, details: undefined }), failed({ seed: '8' })];
  expect(annotations(explored({ verdict: 'violated', failures }))).toBe(
    '::error file=app/src/save.ts,line=12,col=7,title=demo%2C seed 7%3A check%3A register::' +
      'seed 7 violated%0Acheck: register (client-1): the history is invalid%0A' +
      `${STACK.split('\n').slice(1).join('%0A')}%0A` +
      'after 34 steps, virtual 1.5 ms, digest 0123456789abcdef%0A' +
      'npx groundhog replay demo --seed 7\n',
  );
});

test.each([
  ['at /elsewhere/a.ts:1:2', { file: 'app/demo.sim.ts' }],
  ['at file:///work/a.ts:1:2', { file: 'a.ts', line: '1', col: '2' }],
  ['at async Promise.all (index 0)', { file: 'app/demo.sim.ts' }],
])('a stack with %j is shown at %j', (frame, place) => {
  const failures = [failed({}, { stack: `Error\n    ${frame}` })];
  const { title: _, ...properties } = parse(
    annotations(explored({ verdict: 'violated', failures })).trimEnd(),
  ).properties as { title: string };
  expect(properties).toEqual(place);
});

test.each([
  [{ verdict: 'vacuous', reason: 'no seed was run' }, 'error', 'no seed was run'],
  [{ verdict: 'passed', reason: 'every run was the same' }, 'notice', 'every run was the same'],
  [{ verdict: 'passed', neverSeen: ['a'] }, 'notice', 'sometimes, but never seen: a'],
] as const)('%j makes one annotation', (changes, kind, message) => {
  const lines = annotations(explored(changes)).trimEnd().split('\n');
  expect(lines.map(parse)).toMatchObject([{ kind, message }]);
});

test('what passed is not annotated', () => {
  expect(annotations(explored())).toBe('');
});

test('whatever was said and named, each line is one command that reads back', () => {
  fc.assert(
    fc.property(anyExplored, (one) => {
      const lines = annotations(one).split('\n').slice(0, -1);
      for (const line of lines) expect(line).toMatch(/^::(error|notice) file=/);
      const [first] = one.failures;
      if (first === undefined) return;
      const { message, properties } = parse(lines[0]!);
      expect(message).toBe(printable(`${explanation(first)}\n${first.replay}`));
      const { seed, failure, verdict } = first.result;
      const title = `${one.name}, seed ${seed}: ${failure?.property ?? verdict}`;
      expect(properties).toMatchObject({ title: printable(title) });
    }),
    { numRuns: 500 },
  );
});
