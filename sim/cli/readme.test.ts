import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { readDocument, typeAll } from './fixtures/document.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

test('what the README shows is what happens', async () => {
  const { files, typed } = readDocument('../README.md');
  const folder = tree({ 'package.json': '{ "type": "module" }', ...files });
  mkdirSync(join(folder, 'node_modules'));
  const install = (name: string, from: string): void =>
    symlinkSync(join(PACKAGE, from), join(folder, 'node_modules', name));
  install('groundhog', '.');
  install('vitest', 'node_modules/vitest');
  install('async-mutex', 'node_modules/async-mutex-0.3.2');
  expect(await typeAll(typed, folder)).toEqual(typed);
});
