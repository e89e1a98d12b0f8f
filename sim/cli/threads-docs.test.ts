/** docs/threads.md does what it says: each of its programs runs, and asserts what is said of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { provided } from '../campaign/provided.ts';
import { SEARCH_STRATEGIES } from '../choice/search.ts';
import { SEEDED_STRATEGIES } from '../choice/seeded.ts';
import { loadModule } from '../node/loader/load-module.ts';
import { readDocument } from './fixtures/document.ts';

const STRATEGIES = [...SEEDED_STRATEGIES, ...SEARCH_STRATEGIES];
const { text } = readDocument('threads.md');
const programs = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);

test.each(programs.map((code, index) => [index + 1, code]))('program %d runs', async (_, code) => {
  const folder = mkdtempSync(join(tmpdir(), 'groundhog-docs-'));
  const file = join(folder, 'program.ts');
  writeFileSync(file, String(code));
  const log = vi.spyOn(console, 'log').mockReturnValue();
  try {
    await loadModule(file, { provided: await provided() });
  } finally {
    log.mockRestore();
    rmSync(folder, { recursive: true });
  }
});

test('the guide has every strategy', () => {
  expect(programs.length).toBeGreaterThan(5);
  const named = new Set(text.match(/[`'][a-z]+[`']/g)?.map((quoted) => quoted.slice(1, -1)));
  expect(STRATEGIES.filter((name) => !named.has(name))).toEqual([]);
});
