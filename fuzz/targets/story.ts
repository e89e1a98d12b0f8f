/** The reader of story files. */
import { decodeRun, encodeRun } from '../../sim/trace/ghr.ts';
import { BRANCH, DecisionRecord, STEP } from '../../sim/trace/record.ts';
import type { RecordedRun } from '../../sim/trace/recorded-run.ts';
import { unseenResult } from '../../sim/trace/run.ts';
import { readStory, type Story, StoryError, writeStory } from '../../sim/trace/story.ts';
import { type FuzzTarget, promise } from '../target.ts';
import { checkProblems, isPlainLine, textOf } from './text.ts';

const FILE = 'a.story.json';

export const target: FuzzTarget = {
  name: 'story',
  words: [
    ...['"', '{', '}', '[', ']', ':', ',', '{}', '[]', '""', 'null', 'true', '\\', '\\u0000', '-'],
    ...['0', '1', '-1', '1e9', '0.5', '9007199254740991', '2147483648', '1e999', '\n', '__proto__'],
    ...['"format": "groundhog-story"', '"version": 2', '"kind": "value"', '"actor": "a"', '"args"'],
    ...[
      '"plan": {"roles": {"a": {"count": 2, "args": [1]}}}',
      '"timeline": [{"atMs": 1}]',
      '$bytes',
    ],
  ],
  bytesMax: 2048,
  starts: [new TextEncoder().encode(writeStory(story()))],
  run(input) {
    const text = textOf(input);
    const first = read(text);
    if (first === undefined) return;
    const written = writeStory(first);
    const again = readStory({ file: FILE, text: written });
    promise(writeStory(again) === written, 'what is read is what was written');
    // A recording asserts what it is given.
    const bytes = encodeRun(recorded(first));
    promise(
      decodeRun(bytes, FILE).decisions.record.count === first.decisions.record.count,
      'a recording holds what a story holds',
    );
  },
};

/** Undefined where the file is refused as it may be. */
function read(text: string): Story | undefined {
  try {
    return readStory({ file: FILE, text });
  } catch (error) {
    if (!(error instanceof StoryError)) throw error;
    promise(error.message.startsWith(FILE), 'the message names the file');
    promise(isPlainLine(error.message), 'the message is one line');
    checkProblems(error.problems, text);
    return undefined;
  }
}

/** Some run with the story's subject, plan and decisions. */
function recorded(story: Story): RecordedRun {
  const { groundhog, subject, faults, plan, decisions, seed, strategy } = story;
  const result = unseenResult({ seed, strategy, verdict: 'passed', reason: undefined });
  return { groundhog, subject, faults, plan, result, chunks: new Int32Array(0), decisions };
}

function story(): Story {
  const record = new DecisionRecord();
  const fault = record.openSpan('fault', 'f', 0);
  record.push(STEP, 0, 1, 2, 0, 0, 1, 1000);
  record.push(BRANCH, 1, 1, 2, 0, fault, 0, 1);
  return {
    groundhog: '0.1.0',
    subject: { kind: 'scenario', name: 'a', file: 'a.sim.ts' },
    seed: '7',
    strategy: 'random',
    faults: 'none',
    plan: { roles: { a: { count: 2, args: { b: Uint8Array.of(1) } } } },
    signature: 's',
    failure: { property: 'p', message: 'm', nodes: ['a-1'], roles: ['a'], step: 1, atNs: 5 },
    decisions: { record, sites: ['x', 'y'], actors: ['world', 'a-1'] },
    text: ['1. t'],
  };
}
