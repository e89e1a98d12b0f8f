import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { inMacrotask } from '../../sched/macrotask.ts';
import { trial } from '../trial.ts';
import { realmSource } from './realm-source.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/plain');
const FILES = readdirSync(FOLDER).filter((name) => /\.[cm]js$/.test(name));
const SEEDS = ['1', '2', '3'];

/** Lines on standard output; a file of ours that fails in Node.js is a mistake in the file. */
async function inNode(file: string): Promise<string> {
  const env = {
    ...process.env,
    TZ: 'UTC',
    NODE_OPTIONS: '',
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
  };
  const args = ['--no-warnings', file];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 20_000 });
  return stdout.trimEnd();
}

test.for(FILES)('%s does in a realm what it does in Node.js', async (name) => {
  const file = join(FOLDER, name);
  const expected = inNode(file);
  const source = realmSource(file, { argv: [], provided: new Map() });
  for (const seed of SEEDS) {
    const { violation, output } = await inMacrotask(() =>
      trial({ seed, programs: { n: source }, conditions: { lagNs: 0 } }),
    );
    const printed = output.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
    expect(violation).toBeUndefined();
    expect(printed.join('\n')).toBe(await expected);
  }
});
