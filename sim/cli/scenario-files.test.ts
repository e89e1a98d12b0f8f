import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findTarget, loadTarget } from '../campaign/targets.ts';
import { live } from '../live/live.ts';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';
import { readDocument, typeAll } from './fixtures/document.ts';
import type { RunJson } from './output.ts';

const { files, typed: sessions } = readDocument('scenario-files.md');
const { 'number.scenario.yaml': NUMBER, 'server.mjs': SERVER, 'client.mjs': CLIENT } = files;
const PROGRAMS = { 'server.mjs': SERVER!, 'client.mjs': CLIENT! };

async function json(args: readonly string[], cwd: string): Promise<RunJson> {
  const unshrunk = args[0] === 'run' ? ['--no-shrink'] : [];
  const { stdout, stderr } = await groundhog([...args, ...unshrunk, '--json'], { cwd });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as RunJson;
}

test('the guide says what is printed', async () => {
  expect(await typeAll(sessions, tree(files))).toEqual(sessions);
});

test('a scenario file is listed, run without a name, and replayed', async () => {
  const cwd = tree({ 'below/number.scenario.yaml': NUMBER!, ...below(PROGRAMS) });
  const { stdout } = await groundhog(['list', '--json'], { cwd });
  expect(JSON.parse(stdout)).toContainEqual({
    scenario: 'number',
    file: 'below/number.scenario.yaml',
    builtIn: false,
    expect: 'passed',
    roles: { server: 1, client: 2 },
  });
  const register = (JSON.parse(stdout) as { scenario: string; file: string }[]).find(
    ({ scenario }) => scenario === 'register',
  );
  expect(register!.file).toMatch(/^\/.*register\.sim\.[jt]s$/);
  const { failures } = await json(['run', '--seeds', '100'], cwd);
  expect(failures).toMatchObject([{ seed: '1', replay: 'npx groundhog replay number --seed 1' }]);
  const again = await json(['replay', 'number', '--seed', '1', '--twice'], cwd);
  expect(again.failures[0]!.digest).toBe(failures[0]!.digest);
});

test('YAML and JSON that say the same make the same runs', async () => {
  const yaml = `name: number
roles: { server: { program: ./server.mjs }, client: { program: ./client.mjs, args: { operations: 9, thinkMs: 9 } } }
`;
  const number = {
    name: 'number',
    roles: {
      server: { program: './server.mjs' },
      client: { program: './client.mjs', args: { operations: 9, thinkMs: 9 } },
    },
  };
  const cwd = tree({
    'a.scenario.yaml': yaml,
    'b.scenario.json': `\ufeff${JSON.stringify(number)}`,
    ...PROGRAMS,
  });
  const [a, b] = [
    await json(['run', 'a.scenario.yaml', '--seeds', '5'], cwd),
    await json(['run', 'b.scenario.json', '--seeds', '5'], cwd),
  ];
  expect(a).toMatchObject({ scenario: 'number', verdict: 'passed', runs: 5 });
  expect(b.digest).toBe(a.digest);
});

test('a scenario given by its path is replayed by its path, from anywhere', async () => {
  const cwd = tree({ 'a/number.scenario.yaml': NUMBER!, ...below(PROGRAMS, 'a'), 'b/empty': '' });
  const run = ['run', '../a/number.scenario.yaml', '--seeds', '1'];
  const { failures } = await json(run, `${cwd}/b`);
  const { replay } = failures[0]!;
  expect(replay).toBe(`npx groundhog replay ${cwd}/a/number.scenario.yaml --seed 1`);
  const again = await json(replay.split(' ').slice(2), `${cwd}/b`);
  expect(again.failures[0]!.digest).toBe(failures[0]!.digest);
});

test('the smallest story keeps the fault of the timeline, and fails again', async () => {
  const cwd = tree(files);
  const shrunk = ['shrink', 'number.scenario.yaml', '--seed', '1', '-o', 'number.story.json'];
  const { stdout, code } = await groundhog(shrunk, { cwd });
  expect(stdout).toContain('the nemesis kills server-1');
  expect(code).toBe(0);
  expect(await json(['replay', 'number.story.json'], cwd)).toMatchObject({
    verdict: 'violated',
    failures: [{ signature: 'check: register: the history is invalid' }],
  });
});

test('its programs run live too, judged by the same check', async () => {
  const { scenario } = await loadTarget(await findTarget('number', tree(files)));
  const result = await live(scenario!, { forMs: 500, kills: 'none' });
  expect(result).toMatchObject({ scenario: 'number', verdict: 'passed', readsHistory: true });
  expect(result.operations.completed).toBeGreaterThan(0);
});

test('two scenarios of one name are told apart by their files', async () => {
  const cwd = tree({ ...PROGRAMS, 'a.scenario.yaml': NUMBER!, 'b.scenario.yaml': NUMBER! });
  expect(await groundhog(['run', 'number'], { cwd })).toEqual({
    code: 2,
    stdout: '',
    stderr:
      "groundhog: a.scenario.yaml and b.scenario.yaml both have a scenario named 'number'; say which file\n",
  });
});

test.each([
  [
    'program: ./server.mjs',
    'program: ./server.mjs#start',
    "server.mjs: there is no export 'start'; it exports default",
  ],
  [
    'node: server-1',
    'node: server-2',
    "number.scenario.yaml:13:12: the crash fault names 'server-2', and nodes are server-1, client-1, client-2; did you mean 'server-1'?",
  ],
  ['name: number', 'name: [', /^number\.scenario\.yaml:\d+:\d+: .+/],
])('with %j made %j nothing is run', async (from, to, message) => {
  expect(NUMBER).toContain(from);
  const cwd = tree({ ...files, 'number.scenario.yaml': NUMBER!.replace(from, to) });
  const { code, stdout, stderr } = await groundhog(['run', 'number.scenario.yaml'], { cwd });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.replace('groundhog: ', '').trimEnd()).toEqual(
    typeof message === 'string' ? message : expect.stringMatching(message),
  );
});

test('the scenario with a timeline that comes with the sources holds', async () => {
  const cwd = fileURLToPath(new URL('../../scenarios', import.meta.url));
  const run = await json(['run', 'register-timeline.scenario.yaml', '--seeds', '10'], cwd);
  expect(run).toMatchObject({ scenario: 'register-timeline', verdict: 'passed', runs: 10 });
});

function below(files: { readonly [path: string]: string }, folder = 'below') {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]),
  );
}

test('a file that cannot be read hides none of the others', async () => {
  const cwd = tree({
    'number.scenario.yaml': NUMBER!,
    'broken.scenario.yaml': 'name: [',
    'throws.sim.mjs': "throw new Error('no such table');",
    ...PROGRAMS,
  });
  const { code, stdout, stderr } = await groundhog(['list'], { cwd });
  expect(code).toBe(2);
  expect(stdout).toContain('number.scenario.yaml');
  expect(stderr).toMatch(
    /^groundhog: broken\.scenario\.yaml:1:\d+: .*\n.*throws\.sim\.mjs.*no such table/,
  );
  expect((await groundhog(['run', 'number', '--seeds', '2'], { cwd })).code).toBe(1);
  expect((await groundhog(['run', 'register', '--seeds', '1'], { cwd })).code).toBe(0);
  const misspelt = await groundhog(['run', 'regsiter'], { cwd });
  expect(misspelt.stderr).toMatch(/no scenario is named 'regsiter'.*did you mean 'register'/);
  const all = await groundhog(['run', '--seeds', '2'], { cwd });
  expect(all).toMatchObject({ code: 2, stdout: '' });
  expect(all.stderr).toContain('broken.scenario.yaml');
});
