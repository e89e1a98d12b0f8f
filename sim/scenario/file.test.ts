import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { HistoryRecorder } from '../check/history-recorder.ts';
import { FAULT_KINDS } from '../fault/catalogue.ts';
import { PRESET_NAMES } from '../fault/presets.ts';
import { readScenario, ScenarioFileError } from './file.ts';
import { isScenarioFile } from './file-name.ts';
import { type Fault, SCENARIO_SCHEMA } from './scenario.gen.ts';
import type { Run, Scenario } from './scenario.ts';

const YAML = 'demo.scenario.yaml';

const DEMO = `# yaml-language-server: $schema=node_modules/groundhog/sim/scenario/scenario.schema.json
name: demo
roles:
  replica: { program: ./replica.ts, count: 3 }
  client:
    program: ./client.ts#client
    args: &slow { operations: 10, thinkMs: 0.5 }
  other: { program: ./client.ts, args: *slow }
faults: net
timeline:
  - atMs: 100
    fault: { kind: crash, node: replica-2, forMs: 50 }
forMs: 5000
livenessMs: 1000
expect: violated
modules: shared
check: { consistency: linearizable, model: register, initial: 0 }
`;

function read(text: string, file = YAML): Scenario {
  return readScenario({ file, text }, `/work/${file}`);
}

function problems(text: string, file = YAML): string[] {
  try {
    read(text, file);
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioFileError)) throw error;
    return error.message.split('\n');
  }
}

function run(history: Run['history']): Run {
  return { seed: '1', history, observed: {}, virtualMs: 1 };
}

test('a file says what scenario() takes', () => {
  const { check, ...demo } = read(DEMO);
  expect(demo).toEqual({
    name: 'demo',
    file: '/work/demo.scenario.yaml',
    roles: new Map([
      ['replica', { program: './replica.ts', count: 3, args: null, workload: [] }],
      [
        'client',
        {
          program: './client.ts#client',
          count: 1,
          args: { operations: 10, thinkMs: 0.5 },
          workload: [],
        },
      ],
      [
        'other',
        { program: './client.ts', count: 1, args: { operations: 10, thinkMs: 0.5 }, workload: [] },
      ],
    ]),
    faults: 'net',
    timeline: [{ atMs: 100, fault: { kind: 'crash', node: 'replica-2', forMs: 50 } }],
    forMs: 5000,
    livenessMs: 1000,
    expect: 'violated',
    modules: 'shared',
  });
  expect(check).toBeTypeOf('function');
});

test('JSON says the same', () => {
  const json = JSON.stringify({
    $schema: './node_modules/groundhog/sim/scenario/scenario.schema.json',
    name: 'demo',
    roles: { client: { program: './client.ts' } },
  });
  const { name, roles, check } = read(json, 'demo.scenario.json');
  expect({ name, roles, check }).toEqual({
    name: 'demo',
    roles: new Map([['client', { program: './client.ts', count: 1, args: null, workload: [] }]]),
    check: undefined,
  });
});

test.each([
  ['a.scenario.yaml', true],
  ['folder/a.scenario.yml', true],
  ['a.scenario.json', true],
  ['a.sim.ts', false],
  ['scenario.yaml', false],
])('%s is a scenario file: %s', (path, is) => {
  expect(isScenarioFile(path)).toBe(is);
});

test.each(['register', 'cas-register', 'kv'] as const)(
  'check holds histories against %s',
  (model) => {
    const { check } = read(DEMO.replace('model: register', `model: ${model}`));
    const key = model === 'kv' ? { key: 'a' } : null;
    const [name, stale] = model === 'kv' ? ['get', 1] : ['read', 1];
    const recorder = new HistoryRecorder();
    recorder.process('client-1').invoke(name, key).ok(0);
    expect(check!(run(recorder.operations))).toMatchObject({ verdict: 'valid', model });
    recorder.process('client-1').invoke(name, key).ok(stale);
    expect(check!(run(recorder.operations))).toMatchObject({ verdict: 'invalid', model });
  },
);

test.each([
  [
    'faults: net',
    'faults: nett',
    `9:9: faults is one of ${PRESET_NAMES.join(', ')}, not "nett"; did you mean 'net'?`,
  ],
  [
    'livenessMs: 1000',
    'livenesMs: 1000',
    "14:1: 'livenesMs' is no key, which are name, roles, faults, timeline, forMs, livenessMs, expect, modules, check; did you mean 'livenessMs'?",
  ],
  ['    program: ./client.ts#client\n', '', "5:3: roles.client lacks 'program'"],
  [
    '    program: ./client',
    '    progam: ./client',
    "6:5: 'progam' is no key of roles.client, which are program, count, args, workload; did you mean 'program'?",
  ],
  ['count: 3', 'count: three', '4:44: roles.replica.count is a whole number, not "three"'],
  ['count: 3', 'count: 0', '4:44: roles.replica.count is at least 1, not 0'],
  ['count: 3', 'count: 10001', '4:44: roles.replica.count is at most 10000, not 10001'],
  ['forMs: 5000', 'forMs: 0', '13:8: forMs is more than 0, not 0'],
  [
    'name: demo',
    'name: My Demo',
    `2:7: name is lower-case words and digits joined by '-', not "My Demo"`,
  ],
  [
    '  client:\n',
    '  Client:\n',
    `5:3: a key of roles is a name in lower-case words and digits joined by '-', not "Client"`,
  ],
  [
    'model: register',
    'model: regster',
    `17:44: check.model is one of register, cas-register, kv, not "regster"; did you mean 'register'?`,
  ],
  ['linearizable', 'causal', '17:23: check.consistency is linearizable, not "causal"'],
  ['program: ./replica.ts', 'program: ""', '4:23: roles.replica.program is empty'],
  [
    'kind: crash',
    'kind: crsh',
    `12:20: timeline[0].fault.kind is one of ${kinds().join(', ')}, not "crsh"; did you mean 'crash'?`,
  ],
  ['kind: crash, ', '', `12:12: timeline[0].fault lacks 'kind': ${kinds().join(', ')}`],
  [
    'node: replica-2',
    'node: replica-4',
    "12:12: the crash fault names 'replica-4', and nodes are replica-1, replica-2, replica-3, client-1, other-1; did you mean 'replica-1'?",
  ],
  [
    'atMs: 100',
    'atMs: 5000',
    '12:12: the crash fault begins at 5000 ms, and all faults heal at 5000 ms',
  ],
  ['thinkMs: 0.5', 'thinkMs: .inf', '7:44: roles.client.args.thinkMs is finite, not Infinity'],
  ['thinkMs: 0.5', 'thinkMs: *slow', '7:44: the alias *slow stands for what it is a part of'],
  ['*slow', '*fast', '8:40: the alias *fast stands for nothing before it'],
  ['thinkMs: 0.5', '__proto__: 1', "7:35: a key may not be '__proto__'"],
  ['operations: 10', 'operations: !!binary "aa=="', '7:31: a scenario has no tags'],
  ['modules: shared', 'expect: passed', '16:1: this key stands here twice'],
  ['forMs: 5000', 'forMs 5000', '13:1: Implicit keys need to be on a single line'],
])(
  'with %j made %j the place, the value and what may stand there are named',
  (from, to, problem) => {
    expect(DEMO).toContain(from);
    expect(problems(DEMO.replace(from, to))[0]).toBe(`${YAML}:${problem}`);
  },
);

test('all problems of a file are told, from the top down', () => {
  const text = DEMO.replace('expect: violated', 'expect: fail')
    .replace('count: 3', 'count: -1')
    .replace('name: demo', 'nam: demo');
  expect(problems(text)).toEqual([
    `${YAML}:2:1: 'nam' is no key, which are name, roles, faults, timeline, forMs, livenessMs, expect, modules, check; did you mean 'name'?`,
    `${YAML}:4:44: roles.replica.count is at least 1, not -1`,
    `${YAML}:15:9: expect is one of passed, violated, not "fail"`,
  ]);
});

test.each([
  ['', `${YAML}:1:1: the whole is a map of keys to values, not null`],
  ['- demo', `${YAML}:1:1: the whole is a map of keys to values, not ["demo"]`],
  ['{}', `${YAML}:1:1: 'name' is missing\n${YAML}:1:1: 'roles' is missing`],
  ['name: a\nroles: {}', `${YAML}:2:8: roles is empty`],
  ['name: a\nroles:', `${YAML}:2:7: roles is a map of keys to values, not null`],
  ['a: 1\n---\nb: 2', `${YAML}:2:1: a second document begins, and a file has one`],
  ['[a]: 1', `${YAML}:1:1: a key is a text`],
  ['['.repeat(50_000), `${YAML}:1:102: values lie more than 100 deep`],
  ['- '.repeat(50_000), `${YAML}:1:203: values lie more than 100 deep`],
  ['a'.repeat(1_000_001), `${YAML}:1:1: a scenario has at most 1000000 characters, not 1000001`],
])('the text %.20j… is no scenario', (text, message) => {
  expect(problems(text).join('\n')).toBe(message);
});

test.each([
  ['{"a\\\n": 1', 'demo.scenario.json'],
  ['{"\u001b[31m": 1, ', 'demo.scenario.json'],
  ['{"\u001b[31m": 1}', 'demo.scenario.json'],
  ['>\r', YAML],
  ['"\\e[31m": 1', YAML],
  [
    'name: a\nroles: { a: { program: a } }\ntimeline: [{ atMs: 1, fault: { kind: crash, node: "\\a", forMs: 1 } }]',
    YAML,
  ],
])('what is wrong with %j is said on one line that leaves terminals alone', (text, file) => {
  const lines = problems(text, file);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatch(/^demo\.scenario\.\w+:\d+:\d+: \P{Cc}+$/u);
});

test('a byte order mark is no part of the text', () => {
  expect(read(`\ufeff${DEMO}`).name).toBe('demo');
  expect(problems('\ufeff{]', 'demo.scenario.json')[0]).toMatch(/^demo\.scenario\.json:1:2: /);
});

test('a missing program is told with its place', () => {
  const missing = (program: string) => (program.includes('#') ? `no ${program}` : undefined);
  expect(() => readScenario({ file: YAML, text: DEMO }, `/work/${YAML}`, missing)).toThrow(
    `${YAML}:6:14: no ./client.ts#client`,
  );
});

test('aliases of aliases do not grow without end', () => {
  const levels = Array.from({ length: 20 }, (_, i) => `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`);
  const text = ['name: x', 'b: &a-1 [0]', ...levels].join('\n');
  expect(problems(text)).toEqual([`${YAML}:1:1: aliases stand for too much`]);
});

test('JSON that is none is refused where it breaks off', () => {
  expect(problems('{\n  "name": "demo",\n  "roles": {}\n', 'demo.scenario.json')).toEqual([
    `demo.scenario.json:4:1: ',' or '}' should follow, but the text ends`,
  ]);
});

/** For each kind of fault one that is right, and one that is not, with what is said of it. */
const EXAMPLES: { readonly [Kind in Fault['kind']]: readonly [string, string, string] } = {
  split: [
    'sides: [[replica-1], [replica-2, replica-3]], forMs: 10',
    'sides: [[replica-1]], forMs: 10',
    '.sides has at least 2 items, not 1',
  ],
  isolate: [
    'node: client-1, direction: in, forMs: 10',
    'node: client-1, direction: up, forMs: 10',
    '.direction is one of in, out, both, not "up"',
  ],
  bridge: [
    'sides: [[replica-1], [replica-2]], over: client-1, forMs: 10',
    'sides: [[replica-1], []], over: client-1, forMs: 10',
    '.sides[1] has at least 1 items, not 0',
  ],
  'slow-link': [
    'from: replica-1, to: client-1, byMs: 5, forMs: 10',
    'from: replica-1, to: client-1, byMs: 0, forMs: 10',
    '.byMs is more than 0, not 0',
  ],
  crash: ['node: replica-1, forMs: 10', 'node: replica-1', " lacks 'forMs'"],
  'clock-jump': ['node: replica-1, byMs: -500', 'node: 1, byMs: -500', '.node is a text, not 1'],
  'clock-drift': [
    'node: replica-1, ppm: -200, forMs: 10',
    'node: replica-1, ppm: 0.5, forMs: 10',
    '.ppm is a whole number, not 0.5',
  ],
  'slow-disk': [
    'node: replica-1, byMs: 5, forMs: 10',
    'node: replica-1, byMs: 5, forMs: -1',
    '.forMs is more than 0, not -1',
  ],
  'out-of-memory': [
    'node: replica-1, perMille: 1000, forMs: 10',
    'node: replica-1, perMille: 1001, forMs: 10',
    '.perMille is at most 1000, not 1001',
  ],
};

function kinds(): string[] {
  const definitions = SCENARIO_SCHEMA['$defs'] as {
    readonly [name: string]: {
      readonly oneOf?: readonly { readonly $ref: string }[];
      readonly properties?: { readonly kind: { readonly const: string } };
    };
  };
  return definitions['Fault']!.oneOf!.map(
    ({ $ref }) => definitions[$ref.slice('#/$defs/'.length)]!.properties!.kind.const,
  );
}

test('the schema knows the faults of the catalogue, and no others', () => {
  const catalogue = FAULT_KINDS.map(({ kind }) => kind).sort();
  expect(kinds().sort()).toEqual(catalogue);
  expect(Object.keys(EXAMPLES).sort()).toEqual(catalogue);
});

test.each(Object.entries(EXAMPLES))('a %s fault is read as it is written', (kind, example) => {
  const [right, wrong, message] = example;
  const fault = (fields: string): string => `    fault: { kind: ${kind}, ${fields} }`;
  const line = DEMO.split('\n').find((text) => text.includes('kind: crash'))!;
  const [timed] = read(DEMO.replace(line, fault(right))).timeline;
  expect(timed!.fault.kind).toBe(kind);
  expect(problems(DEMO.replace(line, fault(wrong)))).toEqual([
    expect.stringMatching(/^demo\.scenario\.yaml:12:\d+: timeline\[0\]\.fault/),
  ]);
  expect(problems(DEMO.replace(line, fault(wrong)))[0]).toContain(`timeline[0].fault${message}`);
});

test.each([
  [
    'kind: split, sides: [[replica-1], [replica-1]], forMs: 9',
    "the split fault names 'replica-1' twice",
  ],
  [
    'kind: bridge, sides: [[replica-1], [client-1]], over: client-1, forMs: 9',
    "the bridge fault names 'client-1' twice",
  ],
  [
    'kind: slow-link, from: client-1, to: client-1, byMs: 1, forMs: 9',
    "the slow-link fault names 'client-1' twice",
  ],
])('{ %s } makes no sense', (fault, message) => {
  const text = DEMO.replace('kind: crash, node: replica-2, forMs: 50', fault);
  expect(problems(text)).toEqual([`${YAML}:12:12: ${message}`]);
});

test('what generating makes is what is committed', () => {
  const generate = fileURLToPath(new URL('../generate.mjs', import.meta.url));
  execFileSync(process.execPath, [generate, '--check'], { stdio: 'pipe' });
});

test.each(['scenario', 'story'])('the package offers the schema of %s files', (format) => {
  const file = fileURLToPath(import.meta.resolve(`groundhog/${format}.schema.json`));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    $id: `https://groundhog.dev/${format}.schema.json`,
  });
});
