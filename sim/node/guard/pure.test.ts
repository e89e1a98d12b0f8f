import { execFileSync } from 'node:child_process';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inMacrotask } from '../../sched/macrotask.ts';
import { MEMBERS, REFUSED, VALUES } from '../fixtures/node-names.ts';
import { nodeModule } from '../loader/node-module.ts';
import { trial } from '../trial.ts';
import { isPure } from './pure.ts';

type Open = { [name: string]: unknown };

/** The same under another name, or what each world has of its own. */
const ELSEWHERE = /^(assert\/strict|path\/(posix|win32)|sys|console|constants|process)$/;
const CONSTANT = /^[A-Z0-9_]+$/;

const MODULES = builtinModules
  .filter((name) => !name.startsWith('_') && !/internal/.test(name))
  .map((name) => name.replace(/^node:/, ''))
  .filter((name) => !ELSEWHERE.test(name));

function names(text: string | undefined): ReadonlySet<string> {
  return new Set(text?.split(/\s+/));
}

const WHAT_TO_DO =
  'new to Node.js: list it in guard/pure.ts if it depends on its arguments alone, else in fixtures/node-names.ts';

test.for(MODULES)('of node:%s, every export is known', (module) => {
  const [refused, values] = [names(REFUSED[module]), names(VALUES[module])];
  const exports = nodeModule(module) as Open;
  const unknown = Object.keys(exports).filter((name) => {
    if (values.has(name) || isPure(module, name)) return false;
    if (typeof exports[name] !== 'function') return !CONSTANT.test(name);
    return !refused.has('*') && !refused.has(name);
  });
  expect(unknown, WHAT_TO_DO).toEqual([]);
});

test.for(MODULES)('of node:%s, what is not pure is an escape in a world', async (module) => {
  const passed: string[] = [];
  const main = async (): Promise<void> => {
    const exports = nodeModule(module) as Open;
    for (const name of Object.keys(exports)) {
      const value = exports[name];
      if (typeof value !== 'function' || isPure(module, name)) continue;
      const called = `${module.replace('/', '.')}.${name}`;
      try {
        await value.call(exports);
        passed.push(name);
      } catch (error) {
        if ((error as { called?: string }).called !== called) passed.push(`${name}: ${error}`);
      }
    }
  };
  await inMacrotask(() => trial({ seed: '1', programs: { main: { load: () => main } } }));
  expect(passed).toEqual([]);
});

const OF_ALL = /^(length|name|prototype|constructor)$/;

describe('every member is known', () => {
  // A Node.js without a test runner in it.
  const args = ['--no-warnings', join(import.meta.dirname, '../fixtures/members.cjs')];
  const there = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
    [object: string]: string[];
  };

  test.for(Object.keys(there))('of %s', (object) => {
    const known = names(MEMBERS[object]);
    const unknown = there[object]!.filter((name) => !OF_ALL.test(name) && !known.has(name));
    expect(unknown, WHAT_TO_DO).toEqual([]);
  });
});
