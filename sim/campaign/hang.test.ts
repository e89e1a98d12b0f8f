import { expect, test } from 'vitest';
import { runOne } from '../explore/runner.ts';
import { tree } from '../node/fixtures/tree.ts';
import { findTarget, loadTarget } from './targets.ts';

/** Code that never yields. */
const ENDLESS = {
  'a synchronous loop': 'for (;;);',
  'endless microtasks': 'const again = () => Promise.resolve().then(again); await again();',
  'endless async steps': 'for (;;) await null;',
  'a loop in queueMicrotask': 'queueMicrotask(() => { for (;;); });',
  'a loop in an AsyncLocalStorage': `const { AsyncLocalStorage } = await import('node:async_hooks');
    new AsyncLocalStorage().run(1, () => { for (;;); });`,
  'a loop after an await in an AsyncLocalStorage': `
    const { AsyncLocalStorage } = await import('node:async_hooks');
    await new AsyncLocalStorage().run(1, async () => { await null; for (;;); });`,
  'a loop in an AsyncResource': `const { AsyncResource } = await import('node:async_hooks');
    new AsyncResource('mine').runInAsyncScope(() => { for (;;); });`,
  'endless nextTick': 'const again = () => process.nextTick(again); again();',
} as const;

const asFile = (body: string): string =>
  `await new Promise((done) => setTimeout(done, 1)); ${body}`;
const asProgram = (body: string): string =>
  `export default async (env) => { await env.timers.sleep(1); ${body} };`;
const SIM = `import { scenario } from 'groundhog';
export default scenario({ name: 'endless', roles: { main: { program: './main.mjs' } } });`;

/** Of seed 1 of a file in this tree. */
async function verdictOf(folder: string, file: string): Promise<string> {
  const { subject } = await loadTarget(await findTarget(file, folder));
  const spec = { seed: '1', strategy: 'random' } as const;
  const { result } = await runOne(subject, spec, { hangMs: 300 });
  return `${result.verdict}: ${result.reason}`;
}

const HANG = /^inconclusive: hang: step \d+ (did not yield|calls process.nextTick without end)/;

test.for(Object.entries(ENDLESS))('%s, in a file, is a hang', async ([, body]) => {
  const folder = tree({ 'main.mjs': asFile(body) });
  expect(await verdictOf(folder, 'main.mjs')).toMatch(HANG);
});

/** What keeps a program from yielding is the same code; only how it is loaded and called differs. */
const FOR_PROGRAMS = Object.entries(ENDLESS).slice(0, 3);

test.for(FOR_PROGRAMS)('%s, in a program, is a hang', async ([, body]) => {
  const folder = tree({ 'main.mjs': asProgram(body), 'endless.sim.mjs': SIM });
  expect(await verdictOf(folder, 'endless.sim.mjs')).toMatch(HANG);
});

test('a program that hangs at its beginning is told with its line', async () => {
  const folder = tree({
    'main.mjs': '\nexport default async function () {\n  for (;;) {}\n}',
    'endless.sim.mjs': SIM,
  });
  expect(await verdictOf(folder, 'endless.sim.mjs')).toMatch(
    /step 2 did not yield within 300 ms .*; it was in default \(.*main\.mjs:3\)$/,
  );
});
