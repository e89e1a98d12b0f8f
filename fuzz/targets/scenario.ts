/** The parser of scenario files, as YAML and as JSON. */
import { isDeepStrictEqual } from 'node:util';
import { readScenario, ScenarioFileError } from '../../sim/scenario/file.ts';
import type { Scenario } from '../../sim/scenario/scenario.ts';
import { type FuzzTarget, promise } from '../target.ts';
import { checkProblems, textOf } from './text.ts';

const PATH = '/work/a.scenario.yaml';
const ALL = `name: a
roles:
  a: { program: ./a.mjs, count: 2, args: &x [1, yes, "b"] }
  b:
    program: "./b.mjs#c"
    args: *x
faults: net
timeline:
  - atMs: 1
    fault: { kind: crash, node: a-1, forMs: 5 }
forMs: 100
check: { consistency: linearizable, model: kv }
`;

export const target: FuzzTarget = {
  name: 'scenario',
  words: [
    ...[
      '\n',
      '  ',
      '- ',
      ': ',
      '? ',
      '{',
      '}',
      '[',
      ']',
      ', ',
      '"',
      "'",
      '#',
      '&x',
      '*x',
      '!!str ',
    ],
    ...['|\n', '>-\n', '---\n', '...\n', '<<: ', '~', '.inf', '.nan', '0x1f', '1e3', '-1', 'null'],
    ...['split', 'isolate', 'bridge', 'slow-link', 'clock-jump', 'clock-drift', 'slow-disk'],
    ...['out-of-memory', 'sides: [[a-1], [b-1]]', 'node: b-1', 'direction: both', 'over: a-2'],
    ...[
      'from: a-1',
      'to: b-1',
      'byMs: 3',
      'ppm: -5',
      'perMille: 9',
      'livenessMs: 9',
      '__proto__: ',
    ],
    ...['expect: violated', 'modules: shared', 'initial: 0', '$schema: a', '\t', '\r\n', '\u2028'],
    '%YAML 1.1\n---\n',
  ],
  bytesMax: 1024,
  starts: [ALL, '{"name": "a", "roles": {"a": {"program": "a"}}}'].map((text) =>
    new TextEncoder().encode(text),
  ),
  run(input) {
    const text = textOf(input);
    for (const file of ['a.scenario.yaml', 'a.scenario.json']) {
      const first = read(file, text);
      if (first === undefined) continue;
      const json = JSON.stringify(optionsOf(first));
      const again = readScenario({ file: 'a.scenario.json', text: json }, PATH);
      promise(isDeepStrictEqual(optionsOf(again), optionsOf(first)), 'JSON says the same');
    }
  },
};

/** Undefined where the file is refused as it may be. */
function read(file: string, text: string): Scenario | undefined {
  try {
    return readScenario({ file, text }, PATH);
  } catch (error) {
    if (!(error instanceof ScenarioFileError)) throw error;
    promise(error.problems.length > 0, 'a file is refused for a reason');
    promise(error.message.startsWith(file), 'the message names the file');
    // Columns do not count a byte order mark.
    checkProblems(error.problems, text.replace(/^\ufeff/, ''));
    return undefined;
  }
}

/** All but the check, which is a function. */
function optionsOf({ check: _, file: __, roles, ...rest }: Scenario): object {
  return { ...rest, roles: Object.fromEntries(roles) };
}
