import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';

const STORY = {
  format: 'groundhog-story',
  version: 1,
  groundhog: '0.1.0',
  subject: { kind: 'file', name: './ok.mjs', file: 'ok.mjs' },
  seed: '1',
  strategy: 'random',
  faults: 'nett',
  plan: {},
  signature: 'none',
  failure: { property: 'none', message: 'none', nodes: [], roles: [], step: 1, atNs: 0 },
  spans: [{ kind: 'run', label: 'run', parent: 0 }],
  decisions: [],
  text: [],
};
const FILES = {
  'ok.mjs': 'await 1;',
  'syntax.mjs': 'const = 1;',
  'notes.txt': 'nothing to run',
  'empty.story.json': '',
  'foreign.story.json': '{"title":"Groundhog Day"}',
  'faults.story.json': JSON.stringify(STORY),
  'foreign.ghr': 'GHR\n',
  'empty.ghr': '',
  'package.json': '{}',
  'a.test.mjs': "import { explore } from 'groundhog/vitest';",
  'lib/program.mjs': 'export default async () => {};',
};
const BROKEN = {
  'throws.sim.mjs': "throw new Error('planted while loading');",
  'empty.sim.mjs': 'export const nothing = 1;',
  'lost.sim.mjs': `import { scenario } from 'groundhog';
export default scenario({ name: 'lost', roles: { a: { program: './lib/progam.mjs' } } });`,
  'counts.sim.mjs': `import { scenario } from 'groundhog';
export default scenario({ name: 'counts', roles: { a: { program: './lib/program.mjs', count: '3' } } });`,
  'odd.scenario.yaml': 'name: odd\nroles: []\n',
  'late.sim.mjs': `import { scenario } from 'groundhog';
export default scenario({ name: 'late', roles: { a: { program: './late.mjs' } } });`,
  'late.mjs': 'await 1;\n\nJSON.parse("}");\n',
  'bare.sim.mjs': `import { scenario } from 'groundhog';
export default scenario({ name: 'bare', roles: { a: { program: './bare.mjs#main' } } });`,
  'bare.mjs': 'export const other = 1;\n',
  'lib/program.mjs': 'export default async () => {};',
  ...Object.fromEntries(
    ['five.mjs', 'class.mjs', 'null.ts#nothing', 'late.cjs#main'].map((program) => [
      `no-${program.slice(0, 4)}.scenario.yaml`,
      `name: no-program\nroles: { a: { program: ./${program} } }\n`,
    ]),
  ),
  'five.mjs': 'await 1; export default 5;',
  'class.mjs': 'export default class Node {}',
  'null.ts': 'export const nothing: null = null;',
  'late.cjs': 'exports.other = async (env) => {};',
};

/** A command line, and the one line that answers it. */
const REFUSED: readonly (readonly [
  line: string,
  says: RegExp,
  files?: { readonly [name: string]: string },
])[] = [
  ['run regster', /^no scenario is named 'regster', .*; did you mean 'register'\?$/],
  ['run ./nowhere.mjs', /^there is no file \.\/nowhere\.mjs$/],
  ['run lib', /^lib is a folder, not a file$/],
  ['run notes.txt', /^notes\.txt is neither a scenario nor a JavaScript or TypeScript file$/],
  ['run syntax.mjs', /^syntax\.mjs:1:7: Unexpected token$/],
  ['run', /^there are no scenarios below this folder; `groundhog init` writes a first one/, {}],
  ['run throws.sim.mjs', /^throws\.sim\.mjs:1:7: Error: planted while loading$/, BROKEN],
  [
    'run counts.sim.mjs',
    /^counts\.sim\.mjs:2:16: scenario 'counts': the count of role 'a' is a whole number from 1, not '3'$/,
    BROKEN,
  ],
  ['run empty.sim.mjs', /^empty\.sim\.mjs exports no scenario$/, BROKEN],
  [
    'run lost.sim.mjs',
    /^lost\.sim\.mjs: role a: there is no file \.\/lib\/progam\.mjs; did you mean '\.\/lib\/program\.mjs'\?$/,
    BROKEN,
  ],
  ['run late.sim.mjs', /^late\.mjs:3:6: SyntaxError: Unexpected token.+/, BROKEN],
  ['run bare.sim.mjs', /^bare\.mjs: there is no export 'main'; it exports other$/, BROKEN],
  [
    'run no-five.scenario.yaml --seeds 3',
    /^five\.mjs: the default export is a value of type number, not a function of \(env, args\)$/,
    BROKEN,
  ],
  ['run no-clas.scenario.yaml --seed 1', /^class\.mjs: the default export is a class, not/, BROKEN],
  [
    'run no-null.scenario.yaml --seeds 3',
    /^null\.ts: the export 'nothing' is null, not a function/,
    BROKEN,
  ],
  ['run no-late.scenario.yaml --seeds 3', /^late\.cjs: there is no export 'main'$/, BROKEN],
  ['run odd.scenario.yaml', /^odd\.scenario\.yaml:2:8: roles is a map/, BROKEN],
  ['run register --seeds 0', /^zero seeds run nothing$/],
  ['run register --seeds 9..1', /^the range 9\.\.1 is empty$/],
  [
    'run register --seeds many',
    /^seeds are a number, as 500, or a range, as 1\.\.500; not 'many'$/,
  ],
  ['run register --seed=', /^a seed is any text that is not empty$/],
  ['run register --seed 1..3', /^--seed takes one seed; --seeds 1\.\.3 takes a range$/],
  ['run register --seed 1e3', /^--seed 1e3 looks like a number, .* write it in digits alone$/],
  ['replay register --seed 1_000', /^--seed 1_000 looks like a number/],
  ['run register --seed 1 --seed 2', /^option '--seed <seed>' is given twice; --help/],
  [
    'run register --seed=1 --faults net --faults none',
    /^option '--faults <preset>' is given twice/,
  ],
  [
    'run register --budget 0s',
    /'0s' is invalid\. A time is written 500ms, .*, and is more than 0\./,
  ],
  [
    'run ok.mjs --faults net',
    /^--faults net would do nothing to ok\.mjs: a plain file has no env, and meets none, calm, clock alone; /,
  ],
  ['replay ok.mjs --seed 1 --faults crash', /^--faults crash would do nothing to ok\.mjs/],
  ['run register --seed 1 --seeds 2', /^option '--seed <seed>' cannot be used with/],
  ['run register --workers 0', /'0' is invalid\. A whole number from 1/],
  ['run register --workers 9999', /'9999' is invalid\. At most \d+ are of use here, 8 a core/],
  ['run register --budget 5', /'5' is invalid\. A time is written 500ms/],
  ['run register --faults rain', /'rain' is invalid\. Allowed choices are none, calm,/],
  ['run register --strategy luck', /no strategy is named 'luck'; there are: random, pct/],
  ['run register --strategy sruw', /no strategy is named 'sruw'; did you mean 'surw'\?/],
  ['run register --strategy dpor', /'dpor' is for programs of threads alone/],
  ['replay register --seed 1 --strategy dpor', /'dpor' is a campaign of `groundhog run`/],
  ['run register --nothing', /^unknown option '--nothing'/],
  [
    'native spinlock',
    /^no native program is named 'spinlock'; did you mean 'spin-lock'\?; `groundhog native`/,
  ],
  ['native mutex --preemptions 2', /^--preemptions goes with --strategy dfs, not dpor$/],
  ['native mutex --preemptions -1', /^option '--preemptions <count>' argument/],
  [
    'native mutex --strategy luck',
    /'luck' is invalid\. Allowed choices are dpor, dfs, pct, random/,
  ],
  ['explode', /^unknown command 'explode'/],
  ['replay register', /^say which run: groundhog replay register --seed S$/],
  ['replay package.json', /^package\.json is neither a scenario nor a JavaScript/],
  ['debug package.json', /^package\.json is neither a scenario nor a JavaScript/],
  [
    'replay a.test.mjs',
    /^a\.test\.mjs is a test: npx vitest run a\.test\.mjs, and of one seed GROUNDHOG_SEED=S npx/,
  ],
  ['run ./a.test.mjs', /^\.\/a\.test\.mjs is a test: npx vitest run/],
  ['replay nowhere.story.json', /^there is no file nowhere\.story\.json$/],
  ['replay .groundhog/bugs/nope.json', /^there is no file \.groundhog\/bugs\/nope\.json$/],
  [
    'replay foreign.story.json --seed 3 --strategy pct',
    /^foreign\.story\.json is a recorded run, with all that made it: leave out --seed and --strategy$/,
  ],
  ['debug foreign.ghr --faults net', /^foreign\.ghr is a recorded run, .*: leave out --faults$/],
  ['replay empty.story.json', /^empty\.story\.json is not a story/],
  [
    'replay foreign.story.json',
    /^foreign\.story\.json is not a story: groundhog shrink writes one$/,
  ],
  [
    'replay faults.story.json',
    /^faults\.story\.json: faults is one of .*, not 'nett'.*did you mean 'net'/,
  ],
  ['run ok.mjs --strategy faults --depth 0', /^--depth 0 places no fault/],
  ['replay foreign.ghr', /^foreign\.ghr is not a run that groundhog recorded$/],
  ['replay empty.ghr', /^empty\.ghr is not a run that groundhog recorded$/],
  ['shrink register', /^say which run: groundhog shrink register --seed S$/],
  ['shrink ok.mjs --seed 1 -o a.json', /^-o takes a FILE\.story\.json, .*, not a\.json$/],
  ['shrink foreign.ghr --seed 1', /^foreign\.ghr is a recorded run, .*: leave out --seed$/],
  ['shrink ok.mjs --seed 1', /^seed 1 of ok\.mjs leaves nothing to shrink: the run passes$/],
];

test.concurrent.for(REFUSED)('groundhog %s', async (row, { onTestFinished }) => {
  const [line, says, files = FILES] = row;
  const folder = tree(files, onTestFinished);
  const { code, stdout, stderr } = await groundhog(line.split(' '), { cwd: folder });
  expect(stderr).toMatch(/^groundhog: [^\n]+\n$/);
  expect(stderr.slice('groundhog: '.length, -1)).toMatch(says);
  expect(stdout).toBe('');
  expect(code).toBe(2);
  expect(filesIn(folder)).toEqual(Object.keys(files).sort());
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

test('a file that cannot be written is said so, and no story is left half-written', async () => {
  const race = "await new Promise((r) => setTimeout(r, Math.random() * 9)); throw new Error('no');";
  const own = tree({ 'race.mjs': race, 'taken.story.json/here': '' });
  const args = ['shrink', 'race.mjs', '--seed', '1', '-o', 'taken.story.json'];
  const { code, stderr } = await groundhog(args, { cwd: own });
  expect(stderr).toMatch(/^groundhog: [^\n]*taken[^\n]*\n$/);
  expect(code).toBe(2);
  expect(readdirSync(own).sort()).toEqual(['race.mjs', 'taken.story.json']);
});
