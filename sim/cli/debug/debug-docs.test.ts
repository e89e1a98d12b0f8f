import { expect, test } from 'vitest';
import { tree } from '../../node/fixtures/tree.ts';
import { readDocument, typeAll } from '../fixtures/document.ts';
import { COMMANDS } from './commands.ts';

const { files, typed, text } = readDocument('debug.md');

test('the guide to debugging says what is printed', async () => {
  expect(typed.length).toBeGreaterThan(1);
  expect(await typeAll(typed, tree(files))).toEqual(typed);
});

test('the guide to debugging has every command', () => {
  for (const name of Object.keys(COMMANDS)) expect(text).toMatch(new RegExp(`\`${name}[ \`]`));
});
