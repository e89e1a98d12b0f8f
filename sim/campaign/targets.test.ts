import { expect, test } from 'vitest';
import { tree } from '../node/fixtures/tree.ts';
import { findTarget } from './targets.ts';

const SOUND = `import { scenario } from 'groundhog';
export default scenario({ name: 'counter', roles: { a: { program: './a.mjs' } } });`;
const BROKEN = 'name: counter-y\nroles: { a: { program: ./a.mjs, cout: 3 } }\n';

test('a name that nothing has is told with the files that could not be read: one may have it', async () => {
  const folder = tree({ 'counter.sim.mjs': SOUND, 'a.scenario.yaml': BROKEN, 'a.mjs': '' });
  expect((await findTarget('counter', folder)).file).toMatch(/counter\.sim\.mjs$/);
  await expect(findTarget('counter-y', folder)).rejects.toThrow(
    /did you mean 'counter'\?; not read: .*a\.scenario\.yaml:2:33: 'cout' is no key/,
  );
});
