import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { readDocument, typeAll } from './fixtures/document.ts';

const { files, typed } = readDocument('run.md');

test('the guide to exploring says what happens', { timeout: 60_000 }, async () => {
  expect(typed.length).toBeGreaterThan(4);
  expect(await typeAll(typed, tree(files))).toEqual(typed);
});
