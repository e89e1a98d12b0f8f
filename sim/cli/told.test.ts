/** What a failure says of itself is told once, in words, and not without end. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { groundhog } from './fixtures/command.ts';

async function told(source: string) {
  const cwd = tree({ 'race.mjs': source });
  const { stdout } = await groundhog(['run', './race.mjs', '--seeds', '2'], { cwd });
  return { stdout, cwd };
}

test('the difference in an assertion’s message is told once, indented as the rest', async () => {
  const { stdout } = await told(`import assert from 'node:assert';
assert.deepEqual({ a: 1 }, { a: 2 });`);
  expect(stdout).toContain(`  uncaught AssertionError  (main)
  Expected values to be loosely deep-equal:

  {
    a: 1
  }

  should loosely deep-equal

  {
    a: 2
  }

  at race.mjs:2:8
`);
  expect(stdout.match(/should loosely deep-equal/g)).toHaveLength(1);
});

test('what is thrown and no Error is told by what it holds', async () => {
  const { stdout } = await told('throw { code: 1, of: { a: [1, 2] } };');
  expect(stdout).toContain('  not an Error: { code: 1, of: { a: [ 1, 2 ] } }\n');
});

test('a long message is told in its beginning, and the story has all of it', async () => {
  const { stdout, cwd } = await told(`throw new Error('x'.repeat(500_000));`);
  expect(stdout.length).toBeLessThan(6_000);
  expect(stdout).toContain('… 496,000 more characters\n');
  const story = readdirSync(join(cwd, '.groundhog/bugs')).find((name) =>
    name.endsWith('.story.json'),
  );
  const { failure } = JSON.parse(readFileSync(join(cwd, '.groundhog/bugs', story!), 'utf8'));
  expect(failure.message).toHaveLength(500_000);
});

test('what is run when no seeds are asked for is said where it is asked for', async () => {
  const { stdout } = await groundhog(['run', '--help'], { cwd: tree({}) });
  const words = stdout.replace(/\s+/g, ' ');
  expect(words).toContain('default 1,000 from a drawn one on, which is printed');
  expect(words).toContain('default 30 s where seeds are drawn, else none');
});
