import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MODELS } from '../check/models.ts';
import { HISTORY_FORMATS } from '../check/read/format.ts';
import { tree } from '../node/fixtures/tree.ts';
import { readDocument, typeAll } from './fixtures/document.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const { files, typed, text } = readDocument('check.md');

test('the guide to checking says what is printed', async () => {
  const cwd = tree(files);
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(PACKAGE, join(cwd, 'node_modules', 'groundhog'));
  expect(await typeAll(typed, cwd)).toEqual(typed);
});

test('the guide to checking has every model and every format', () => {
  for (const name of [...Object.keys(MODELS), ...HISTORY_FORMATS]) {
    expect(text).toContain(`\`${name}\``);
  }
});
