import { expect, test } from 'vitest';
import { site } from '../choice/site.ts';
import { BRANCH, VALUE } from '../trace/record.ts';
import { differencesOf } from './difference.ts';
import type { Entry } from './entries.ts';

function decision(kind: number, name: string, outcome: number): Entry {
  return { kind, site: site(name).index, lo: 1, hi: 2, ordinal: 0, span: 0, actor: 0, outcome };
}

test.for([
  [BRANCH, 'disk.crash.file', 1, 0, 'server-1: the crash keeps what a file had not synced'],
  [BRANCH, 'operation.happens', 1, 0, 'server-1: an operation does not happen'],
  [BRANCH, 'fault.happens', 1, 0, 'a fault does not happen'],
  [BRANCH, 'thread.wake', 1, 0, 'server-1: thread.wake takes outcome 0 instead of 1'],
  [VALUE, 'dice', 6, 2, 'server-1: dice gives 2 instead of 6'],
] as const)('%i of %s that was %i and is %i', ([kind, name, failing, passing, words]) => {
  const differences = differencesOf({
    entries: [decision(kind, name, passing)],
    failing: [decision(kind, name, failing)],
    steps: [],
    actorOf: () => 'server-1',
  });
  expect(differences).toMatchObject([{ actor: 'server-1', failing, passing, words }]);
});
