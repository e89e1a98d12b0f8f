/** docs/live.md does what it says: its commands and code run, for a shorter time than they say. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AddressBlock } from './loopback.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const TEXT = readFileSync(join(PACKAGE, 'docs', 'live.md'), 'utf8');

/** What the examples import: roles that finish at once. */
const SCENARIO = `
import { scenarioAt } from '${PACKAGE}dist/sim/scenario/scenario.js';
const programs = '${PACKAGE}sim/live/fixtures/programs.mjs';
const roles = { worker: { program: programs + '#worksBriefly' }, server: { program: programs + '#leavesNote', count: 3 } };
export default scenarioAt({ name: 'register', roles }, programs);
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundhog-docs-'));
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync(PACKAGE, join(folder, 'node_modules', 'groundhog'));
  writeFileSync(join(folder, 'register.sim.mjs'), SCENARIO);
});

afterAll(() => rmSync(folder, { recursive: true }));

function blocks(language: string): string[] {
  const found = TEXT.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...found].map(([, code]) => code!);
}

async function run(words: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd, env });
  return stdout;
}

test.concurrent('its command passes', async () => {
  const [command, ...more] = blocks('sh');
  expect(more).toEqual([]);
  const [npx, groundhog, ...words] = command!.trim().split(' ');
  expect([npx, groundhog]).toEqual(['npx', 'groundhog']);
  const short = words.map((word) => (word === '10s' ? '1s' : word));
  const bin = join(PACKAGE, 'sim', 'cli', 'groundhog.mjs');
  expect(await run([bin, ...short], join(folder, 'elsewhere'))).toMatch(
    /^seed \d+\nregister: passed {2}operations \d/,
  );
}, 60_000);

test.concurrent('its code runs', async () => {
  const [fromCode, ofOneNode, ...more] = blocks('js');
  expect(more).toEqual([]);
  writeFileSync(join(folder, 'live.mjs'), fromCode!.replace('10_000', '500'));
  const said = await run(['live.mjs'], folder);
  expect(said).toMatch(/^ +\d+\.\d{3} s {2}server-\d is killed$/m);
  expect(said).toMatch(/^register: passed \(\d+ operations, .*kills, .* restarts in [\d.]+ s\)$/m);
  // Runs of these tests beside each other have one 127.0.0.1.
  const block = await AddressBlock.claim();
  writeFileSync(join(folder, 'node.mjs'), ofOneNode!.replace('127.0.0.1', block.next()));
  expect(await run(['node.mjs'], folder)).toBe('hello\n');
  block.release();
}, 60_000);
