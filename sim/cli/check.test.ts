import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ended, groundhog } from './fixtures/command.ts';

const STALE = `{"process":"a","name":"write","input":1,"called":0,"returned":1}
{"process":"b","name":"read","output":null,"called":2,"returned":3}
`;
const FINE = STALE.replace('"output":null', '"output":1');
// Equal values and no order: more ways than the model takes steps in a moment, and none of them is
// right in the end.
const HARD = [
  ...Array.from({ length: 400 }, (_, i) =>
    i % 2 === 0
      ? `{"process":"p${i}","name":"push","input":${i % 6},"called":${i},"returned":${900 + i}}`
      : `{"process":"p${i}","name":"pop","output":${(i % 3) * 2},"called":${i},"returned":${900 + i}}`,
  ),
  '{"process":"a","name":"push","input":7,"called":2000,"returned":2001}',
  '{"process":"a","name":"push","input":8,"called":2002,"returned":2003}',
  '{"process":"a","name":"pop","output":7,"called":2004,"returned":2005}',
  '{"process":"a","name":"pop","output":8,"called":2006,"returned":2007}',
].join('\n');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundhog-check-'));
  const impossible = FINE + FINE;
  const files = { stale: STALE, fine: FINE, hard: HARD, torn: '{"process":"a"', impossible };
  for (const [name, text] of Object.entries(files)) writeFileSync(file(name), text);
});

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string): string {
  return join(folder, name);
}

const BIN = fileURLToPath(new URL('groundhog.mjs', import.meta.url));

const checked = (...args: string[]): Promise<Ended> =>
  groundhog(['check', ...args], { cwd: folder });

test('a history that holds ends with 0, one that does not with 1 and says why', async () => {
  expect(await checked(file('fine'), '--model', 'register')).toEqual({
    code: 0,
    stdout: `${file('fine')}: valid (register, jsonl, 2 operations)\n  linearizable, by zones\n`,
    stderr: '',
  });
  const { code, stdout } = await checked(file('stale'), '--model', 'register');
  expect(code).toBe(1);
  expect(stdout).toContain('returned the initial value after write(1) by a [0, 1] had returned');
});

test('of several files each is told, then the total, and the worst decides', async () => {
  const files = ['fine', 'impossible', 'stale', 'torn'].map(file);
  const judged = (count: number) => checked(...files.slice(0, count), '--model', 'register');
  expect((await judged(2)).code).toBe(4);
  const { code, stdout } = await judged(3);
  expect([code, stdout.split('\n').at(-2)]).toEqual([1, '3 files: 1 valid, 1 invalid, 1 unknown']);
  expect((await judged(4)).code).toBe(2);
});

test('--json is one object, or an array of several, and nothing else', async () => {
  const one = await checked(file('stale'), '--model', 'register', '--json');
  expect(one.code).toBe(1);
  const { wallMs, ...object } = JSON.parse(one.stdout);
  expect(wallMs).toBeGreaterThan(0);
  expect(object).toMatchObject({
    file: file('stale'),
    model: 'register',
    format: 'jsonl',
    verdict: 'invalid',
    anomalies: [{ name: 'not-linearizable', operations: [0, 1] }],
    operations: 2,
  });
  const two = await checked(file('fine'), file('torn'), '--model', 'register', '--json');
  expect(JSON.parse(two.stdout)).toMatchObject([
    { verdict: 'valid' },
    { error: { code: 'malformed', line: 1 } },
  ]);
});

test.each<[string, string[], string]>([
  ['a file that is torn', ['torn', '--model', 'register'], 'torn:1: a value is never closed'],
  ['a file that is not there', ['none', '--model', 'register'], 'none: there is no such file'],
  [
    'a model that is not known',
    ['fine', '--model', 'regster'],
    "no model regster; did you mean 'register'?",
  ],
  ['a format that is not known', ['fine', '--model', 'kv', '--format', 'x'], 'no format x, only'],
  ['a total that is none', ['fine', '--model', 'bank', '--total', 'x'], '--total takes a number'],
  ['another operation', ['fine', '--model', 'queue'], 'fine:1: the model queue has no operation'],
  ['no model', ['fine'], "required option '--model <name>' not specified"],
])('%s ends with 2 and one line', async (_, [name, ...flags], line) => {
  const { code, stdout, stderr } = await checked(file(name!), ...flags);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(line);
  expect(stderr).not.toMatch(/^ +at /m);
});

test('- is standard input', async () => {
  const command = ['check', '-', '--model', 'register'];
  const { code, stdout, stderr } = await groundhog(command, { cwd: folder, input: STALE });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^-: invalid \(register, jsonl, 2 operations\)/);
  expect(code).toBe(1);
});

test('- waits for standard input that comes piece by piece', async () => {
  const args = [BIN, 'check', '-', file('fine'), '--model', 'register', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const output: unknown[] = [];
  child.stdout.on('data', (data) => output.push(data));
  const ended = once(child, 'close');
  const [first, second] = STALE.split('\n');
  // More than a pipe holds: once it is written the command has begun to read.
  await new Promise((written) => child.stdin.write(first + ' '.repeat(1 << 20), written));
  child.stdin.end(second);
  expect(await ended).toEqual([1, null]);
  expect(JSON.parse(output.join(''))).toMatchObject([{ verdict: 'invalid' }, { verdict: 'valid' }]);
});

test('--html writes the page', async () => {
  const page = file('page.html');
  expect((await checked(file('stale'), '--model', 'register', '--html', page)).code).toBe(1);
  expect(readFileSync(page, 'utf8')).toContain('<svg');
});

test('--budget gives up on a file that takes too long', async () => {
  const { code, stdout } = await checked(file('hard'), '--model', 'stack', '--budget', '20ms');
  expect(code).toBe(4);
  expect(stdout).toContain('undecided after 20 ms of real time');
});

test('--init and --by key reach the model', async () => {
  const keys = file('keys');
  writeFileSync(keys, '{"process":"a","name":"read","input":["x",null],"output":["x",7]}\n');
  const flags = ['--model', 'register', '--by', 'key'];
  expect((await checked(keys, ...flags, '--init', '7')).code).toBe(0);
  expect((await checked(keys, ...flags)).code).toBe(1);
});

test('Ctrl-C ends with 130 and what was judged so far', async () => {
  const page = file('interrupted.html');
  const args = [BIN, 'check', file('fine-stack'), file('hard'), '--model', 'stack', '--html', page];
  writeFileSync(file('fine-stack'), '{"process":"a","name":"push","input":1}\n');
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [first] = await once(child.stdout, 'data');
  expect(String(first)).toContain('fine-stack: valid');
  let rest = '';
  child.stdout.on('data', (data) => {
    rest += data;
  });
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(rest).toBe('interrupted: 1 of 2 not judged\n1 file: 1 valid\n');
  expect(readFileSync(page, 'utf8').match(/<section>/g)).toHaveLength(1);
});

test('a page never takes the place of a recording', async () => {
  const refused = await checked('--model', 'register', '--html', file('stale'), file('fine'));
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('stale: it is there already and is no page of ours');
  expect(readFileSync(file('stale'), 'utf8')).toBe(STALE);
  const nowhere = await checked(
    file('fine'),
    '--model',
    'register',
    '--html',
    file('no/page.html'),
  );
  expect(nowhere).toMatchObject({ code: 2, stdout: '' });
  expect(nowhere.stderr).toContain('its folder does not exist');
});

test('output that is lost ends with 2 and one line', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(
    process.execPath,
    [BIN, 'check', file('fine'), '--model', 'register'],
    { stdio: ['ignore', full, 'pipe'], encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  closeSync(full);
  expect(stderr).toMatch(/^groundhog: output cannot be written: ENOSPC.*\n$/);
  expect(status).toBe(2);
});

test('a file that takes all memory is unknown, and the others are judged', () => {
  const many = file('many');
  writeFileSync(many, '{"process":"a","name":"write","outcome":"fail"}\n'.repeat(300_000));
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--max-old-space-size=40', BIN, 'check', many, file('stale'), '--model', 'register', '--json'],
    { encoding: 'utf8' },
  );
  expect(JSON.parse(stdout)).toMatchObject([
    { file: many, verdict: 'unknown', reason: expect.stringContaining('not enough memory') },
    { file: file('stale'), verdict: 'invalid' },
  ]);
  expect(status).toBe(1);
});

test('a signal under --json ends with an object for each file, unknown where it was not judged', async () => {
  const args = [BIN, 'check', '-', '--model', 'stack', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const output: unknown[] = [];
  child.stdout.on('data', (data) => output.push(data));
  const ended = once(child, 'close');
  // More than a pipe holds: once it is written the command is at work.
  await new Promise((written) => child.stdin.write('\n'.repeat(1 << 20), written));
  child.kill('SIGTERM');
  child.stdin.end(HARD);
  expect(await ended).toEqual([130, null]);
  expect(JSON.parse(output.join(''))).toMatchObject({ verdict: 'unknown', reason: 'interrupted' });
});
