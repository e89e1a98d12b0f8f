import { expect, test } from 'vitest';
import { BRANCH, DecisionRecord, STEP, VALUE } from './record.ts';
import { comparable } from './recorded-run.ts';
import { readStory, type Story, StoryError, writeStory } from './story.ts';

const FILE = 'bugs/demo.story.json';

function story(changes: Partial<Story> = {}): Story {
  const record = new DecisionRecord();
  const fault = record.openSpan('fault', 'crash 1', 0);
  record.push(STEP, 1, 0x11, -2, 0, 0, 1, 1_500_000);
  record.push(BRANCH, 0, 0x11, -2, 0, fault, 0, 1);
  record.push(VALUE, 0, 0x11, -2, 1, fault, 1, -5);
  return {
    groundhog: '0.1.0',
    subject: { kind: 'scenario', name: 'demo', file: 'demo.sim.ts' },
    seed: '7',
    strategy: 'random',
    faults: 'swarm',
    plan: { roles: { client: { count: 2, args: { key: Uint8Array.of(1, 2) } } } },
    signature: 'check: register: the history is invalid',
    failure: {
      property: 'check: register',
      message: 'the history is invalid',
      details: 'read() returned 1\nafter 2 was written',
      nodes: ['client-1'],
      roles: ['client'],
      step: 12,
      atNs: 1_500_000,
    },
    decisions: {
      record,
      sites: ['net.loss', 'net.deliver'],
      actors: ['world', 'client-1>replica-2'],
    },
    text: ['1.      1.500 ms  a late packet from client-1 to replica-2 arrives'],
    ...changes,
  };
}

function refused(text: string): Pick<StoryError, 'code' | 'message'> {
  try {
    readStory({ file: FILE, text });
  } catch (error) {
    if (!(error instanceof StoryError)) throw error;
    const { code, message } = error;
    return { code, message };
  }
  throw new Error('the story was read');
}

test('a story is JSON that people read, a decision a line', () => {
  expect(writeStory(story())).toBe(`{
  "format": "groundhog-story",
  "version": 1,
  "groundhog": "0.1.0",
  "subject": { "kind": "scenario", "name": "demo", "file": "demo.sim.ts" },
  "seed": "7",
  "strategy": "random",
  "faults": "swarm",
  "plan": { "roles": { "client": { "count": 2, "args": { "key": { "$bytes": "AQI=" } } } } },
  "signature": "check: register: the history is invalid",
  "failure": { "property": "check: register", "message": "the history is invalid", "details": "read() returned 1\\nafter 2 was written", "nodes": [ "client-1" ], "roles": [ "client" ], "step": 12, "atNs": 1500000 },
  "spans": [
    { "kind": "run", "label": "run", "parent": 0 },
    { "kind": "fault", "label": "crash 1", "parent": 0 }
  ],
  "decisions": [
    { "kind": "step", "site": "net.deliver", "step": "fffffffe00000011", "ordinal": 0, "outcome": 1500000, "span": 0, "actor": "client-1>replica-2" },
    { "kind": "branch", "site": "net.loss", "step": "fffffffe00000011", "ordinal": 0, "outcome": 1, "span": 1 },
    { "kind": "value", "site": "net.loss", "step": "fffffffe00000011", "ordinal": 1, "outcome": -5, "span": 1, "actor": "client-1>replica-2" }
  ],
  "text": [
    "1.      1.500 ms  a late packet from client-1 to replica-2 arrives"
  ]
}
`);
});

test('what is read is what was written', () => {
  const read = readStory({ file: FILE, text: writeStory(story()) });
  expect(comparable(read)).toEqual(comparable(story()));
  expect(writeStory(read)).toBe(writeStory(story()));
});

test('a story without decisions is written and read', () => {
  const calm = story({ decisions: { record: new DecisionRecord(), sites: [], actors: [] } });
  expect(comparable(readStory({ file: FILE, text: writeStory(calm) }))).toEqual(comparable(calm));
});

test.each([['name: demo\n'], ['[]'], ['{"format": "har"}'], ['null']])('%j is foreign', (text) => {
  expect(refused(text)).toEqual({
    code: 'foreign',
    message: `${FILE} is not a story: groundhog shrink writes one`,
  });
});

test('a story of a later version names the version that reads it', () => {
  const text = writeStory(story({ groundhog: '3.0.0' })).replace('"version": 1', '"version": 2');
  expect(refused(text)).toEqual({
    code: 'newer',
    message: `${FILE} has version 2 of its format, and this groundhog reads 1: install the one that wrote it, 3.0.0`,
  });
});

test.each([
  ['"ordinal": 1,', '"ordinal": "1",', ':19:83: decisions[2].ordinal is a whole number, not "1"'],
  [
    '"fffffffe00000011", "ordinal": 1',
    '"fe", "ordinal": 1',
    ':19:52: decisions[2].step is 16 hexadecimal digits, not "fe"',
  ],
  ['"span": 0', '"span": 2', ':17:116: there is no span 2'],
  ['"outcome": 1,', '"outcome": -1,', ':18:98: the outcome of a branch is at least 0, not -1'],
  ['"seed": "7",\n  ', '', `:1:1: 'seed' is missing`],
  [
    '"value"',
    '"valu"',
    `:19:15: decisions[2].kind is one of step, branch, value, not "valu"; did you mean 'value'?`,
  ],
  [
    '"count": 2,',
    '"cuont": 2,',
    `:9:36: 'cuont' is no key of plan.roles.client, which are count, args; did you mean 'count'?`,
  ],
  [
    '"label": "crash 1", "parent": 0',
    '"label": "crash 1", "parent": 1',
    ':14:54: span 1 lies in one before it',
  ],
  ['"version": 1', '"version": 0', ':3:14: version is 1, not 0'],
  ['"seed": "7",', '"seed": "7"', `:7:3: ',' or '}' should follow, but "\\"" does`],
])('with %s made %s the place and the value are named', (from, to, problem) => {
  const text = writeStory(story()).replace(from, to);
  expect(refused(text)).toEqual({
    code: 'malformed',
    message: `${FILE}${problem} (groundhog shrink writes it anew)`,
  });
});

test('of several problems the first is told, and how many there are', () => {
  const text = writeStory(story()).replaceAll('"ordinal": 0', '"ordinal": -1');
  expect(refused(text).message).toBe(
    `${FILE}:17:85: decisions[0].ordinal is at least 0, not -1; 1 more (groundhog shrink writes it anew)`,
  );
});
