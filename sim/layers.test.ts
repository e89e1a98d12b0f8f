import { expect, test } from 'vitest';
import { filesOfSim, LAYERS, type Layers, wrongImports } from './layers.mjs';

const layers: Layers = {
  order: [['low'], ['left', 'right'], ['high/names.ts'], ['high']],
  native: ['left/memory.ts'],
};

function check(path: string, text: string): string[] {
  return wrongImports([{ path, text }], layers);
}

test('all of sim/ imports downwards', () => {
  const files = filesOfSim();
  expect(files.length).toBeGreaterThan(100);
  expect(wrongImports(files, LAYERS)).toEqual([]);
});

test('an import from below and from its own folder is fine', () => {
  expect(check('left/a.ts', "import { a } from '../low/b.ts';\nimport './c.ts';")).toEqual([]);
});

test.for([
  ['an import', "import { a } from '../high/a.ts';"],
  ['of a type', "import type {\n  A,\n  B,\n} from '../high/a.ts';"],
  ['for its effect', "import '../high/a.ts';"],
  ['to pass it on', "export { a } from '../high/a.ts';"],
  ['when needed', "const a = await import('../high/a.ts');"],
])('an upward import is named: %s', ([, text]) => {
  const [line] = check('left/a.ts', `// First.\n${text}`);
  expect(line).toMatch(/^sim\/left\/a\.ts:\d imports sim\/high\/a\.ts: high stands above left/);
});

test('two folders of a layer do not know each other', () => {
  expect(check('left/a.ts', "import { b } from '../right/b.ts';")).toEqual([
    'sim/left/a.ts:1 imports sim/right/b.ts: right stands beside left (sim/layers.json)',
  ]);
});

test('a file may stand lower than its folder', () => {
  expect(check('high/a.ts', "import { a } from './names.ts';")).toEqual([]);
  expect(check('high/names.ts', "import { a } from './a.ts';")).toHaveLength(1);
});

test('a folder that is in no layer is named', () => {
  expect(check('new/a.ts', '')).toEqual([
    'sim/new/a.ts is in no layer: add its folder to sim/layers.json',
  ]);
});

test('native memory is imported where it is allowed, nowhere else', () => {
  const text = "import { openPool } from '../../native/index.ts';";
  expect(check('left/memory.ts', text)).toEqual([]);
  expect(check('low/a.ts', text)).toEqual([
    'sim/low/a.ts:1 imports native/index.ts: only left/memory.ts may',
  ]);
});

test('tests, benches and fixtures may import anything', () => {
  for (const path of ['low/a.test.ts', 'low/a.bench.ts', 'low/fixtures/a.ts']) {
    expect(check(path, "import { a } from '../high/a.ts';")).toEqual([]);
  }
});
