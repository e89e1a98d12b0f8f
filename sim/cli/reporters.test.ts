import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readXml } from '../../reports/fixtures/xml.ts';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog, withoutProgress } from './fixtures/command.ts';
import { readDocument, typeAll } from './fixtures/document.ts';
import type { RunJson } from './output.ts';

const { files, typed } = readDocument('reports.md');
const CALM = { 'calm.mjs': 'await new Promise((done) => setTimeout(done, 5));\n' };

test('the guide says what is printed', async () => {
  expect(await typeAll(typed, tree(files))).toEqual(typed);
});

test('reports say what the JSON says, which is alone on standard output', async () => {
  const cwd = tree({ ...files, ...CALM });
  const reports = ['junit', 'github', 'markdown'].flatMap((name) => ['--reporter', name]);
  const run = ['run', './race.mjs', './calm.mjs', '--seeds', '50', '--json', ...reports];
  const { code, stdout, stderr } = await groundhog(run, { cwd });
  expect(code).toBe(1);
  const all = JSON.parse(stdout) as readonly RunJson[];
  const { failures } = all[0]!;
  const { children } = readXml(readFileSync(join(cwd, '.groundhog/junit.xml'), 'utf8'));
  expect(children.map(({ attributes }) => attributes)).toMatchObject([
    { name: './race.mjs', tests: '1', failures: '1' },
    { name: './calm.mjs', tests: '1', failures: '0' },
  ]);
  expect(stderr).toContain(`title=./race.mjs%2C seed ${failures[0]!.seed}`);
  expect(readFileSync(join(cwd, '.groundhog/summary.md'), 'utf8')).toContain(failures[0]!.replay);
});

test('a report goes to the file that is named, and a summary to the end of the job’s', async () => {
  const cwd = tree({ ...CALM, 'step.md': 'before\n' });
  const run = ['run', './calm.mjs', '--seeds', '2', '--reporter', 'junit=out/a.xml'];
  const env = { GITHUB_STEP_SUMMARY: join(cwd, 'step.md') };
  const { code } = await groundhog([...run, '--reporter', 'markdown'], { cwd, env });
  expect(code).toBe(0);
  expect(readdirSync(join(cwd, 'out'))).toEqual(['a.xml']);
  expect(readFileSync(join(cwd, 'step.md'), 'utf8')).toMatch(/^before\n## Groundhog\n/);
  expect(existsSync(join(cwd, '.groundhog'))).toBe(false);
});

test('what Ctrl-C cut short is reported as far as it came', async () => {
  const cwd = tree(CALM);
  const run = ['run', './calm.mjs', '--budget', '10m', '--reporter', 'junit'];
  const { code } = await groundhog(run, { cwd, interruptAt: /^seeds / });
  expect(code).toBe(130);
  const { children } = readXml(readFileSync(join(cwd, '.groundhog/junit.xml'), 'utf8'));
  expect(children.map(({ attributes }) => attributes['name'])).toEqual(['./calm.mjs']);
});

test.each([
  ['junt', "a reporter is one of junit, github, markdown, not 'junt'; did you mean 'junit'?"],
  ['junit=', 'the reporter junit= lacks its file'],
  ['junit=out', 'cannot write the report of junit: out is a folder'],
  ['junit=../nowhere/x.xml', /^cannot write the report of junit: there is no folder .+nowhere$/],
  ['junit=calm.mjs/x', /^cannot write the report of junit: E.+calm\.mjs/],
])('--reporter %s is refused before anything is run', async (reporter, message) => {
  const cwd = tree({ ...CALM, 'out/empty': '' });
  const run = ['run', './calm.mjs', '--reporter', reporter];
  const { code, stdout, stderr } = await groundhog(run, { cwd });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.replace('groundhog: ', '').trimEnd()).toEqual(
    typeof message === 'string' ? message : expect.stringMatching(message),
  );
  expect(existsSync(join(cwd, '../nowhere'))).toBe(false);
});

/** Fails under every seed, after one of two has answered. */
const SCENARIO = {
  'ask.mjs': `export const server = async ({ net }) => net.serve('ask', () => 'yes');
const LIMIT = { timeoutMs: 1000 };
export const client = async ({ net, log, always }) => {
  log.info('<b>asks</b>', {});
  always('no <answer> is yes', (await net.call('server-1', 'ask', null, LIMIT)) !== 'yes');
};
`,
  'ask.scenario.yaml': `name: ask
roles:
  server: { program: ./ask.mjs#server }
  client: { program: ./ask.mjs#client }
faults: calm
`,
};

test('--report writes a page with the story of each scenario, and leaves nothing beside it', async () => {
  const cwd = tree({ ...SCENARIO, ...CALM });
  const run = ['run', 'ask.scenario.yaml', './calm.mjs', '--seeds', '3', '--report', 'out/r.html'];
  const { code, stderr } = await groundhog(run, { cwd });
  expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 1, stderr: '' });
  expect(readdirSync(join(cwd, 'out'))).toEqual(['r.html']);
  const page = readFileSync(join(cwd, 'out/r.html'), 'utf8');
  readXml(page.replace('<!doctype html>', '<?xml version="1.0" encoding="UTF-8"?>'));
  expect(page).toContain('2 scenarios: 1 did not pass');
  expect(page).toContain('server-1 gets ask() from client-1');
  expect(page).toContain('client-1 hears from server-1: ask returns &quot;yes&quot;');
  expect(page).toContain('&lt;b&gt;asks&lt;/b&gt;');
  expect(page).toContain('groundhog replay ./ask.scenario.yaml --seed 1');
  expect(page.match(/class="head"/g)).toHaveLength(2);
});

test('--report tells each bug under --keep-going, though nothing be made small', async () => {
  const cwd = tree({
    'two.mjs': `await new Promise((done) => setTimeout(done, 5));
throw new Error(Math.random() < 0.5 ? 'one' : 'other');`,
  });
  const run = ['run', './two.mjs', '--seeds', '12', '--keep-going', '--no-shrink', '--report'];
  await groundhog([...run, 'r.html'], { cwd });
  const page = readFileSync(join(cwd, 'r.html'), 'utf8');
  expect(page.match(/The run as it was/g)).toHaveLength(2);
  expect(page.match(/<section id="s1-\d" class="failure"/g)).toHaveLength(2);
});

test('--report has what the checker of a history drew', async () => {
  const cwd = tree({
    'stale.mjs': `export default async ({ history }) => {
  history.invoke('write', 1).ok();
  history.invoke('read').ok(2);
};
`,
    'stale.scenario.yaml': `name: stale
roles: { client: { program: ./stale.mjs } }
faults: calm
check: { consistency: linearizable, model: register }
`,
  });
  const run = ['run', 'stale.scenario.yaml', '--seeds', '1', '--report', 'r.html'];
  const { code, stderr } = await groundhog(run, { cwd });
  expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 1, stderr: '' });
  const page = readFileSync(join(cwd, 'r.html'), 'utf8');
  expect(page).toContain('What the checker found');
  expect(page).toMatch(/<g class="operation ok involved"/);
});

test('--report is refused before anything is run where it cannot be written', async () => {
  const cwd = tree({ ...CALM, 'out/empty': '' });
  const run = (file: string) => groundhog(['run', './calm.mjs', '--report', file], { cwd });
  const folder = await run('out');
  expect(folder).toMatchObject({ code: 2, stdout: '' });
  expect(folder.stderr).toBe('groundhog: cannot write the report of html: out is a folder\n');
  expect((await run('calm.mjs/x.html')).code).toBe(2);
  expect((await run('../nowhere/x.html')).stderr).toMatch(/there is no folder .+nowhere\n$/);
});

test('two reports of one file are refused', async () => {
  const cwd = tree(CALM);
  const reports = ['--reporter', 'junit=a', '--reporter', 'markdown=./a'];
  const { code, stderr } = await groundhog(['run', './calm.mjs', ...reports], { cwd });
  expect(code).toBe(2);
  expect(stderr).toBe('groundhog: ./a is to hold two reports, of junit and markdown\n');
});
