import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readDocument, typeAll } from '../cli/fixtures/document.ts';
import { tree } from '../node/fixtures/tree.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

test('what the guide shows is what happens', async () => {
  const { files, typed } = readDocument('vitest.md');
  const folder = tree({ 'package.json': '{ "type": "module" }', ...files });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(PACKAGE, join(folder, 'node_modules/groundhog'));
  for (const name of ['vitest', 'fast-check']) {
    symlinkSync(join(PACKAGE, 'node_modules', name), join(folder, 'node_modules', name));
  }
  expect(await typeAll(typed, folder)).toEqual(typed);
});
