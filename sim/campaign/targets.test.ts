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

test('a YAML file of another name is told what a scenario is named', async () => {
  const folder = tree({ 'counter.yaml': BROKEN });
  await expect(findTarget('./counter.yaml', folder)).rejects.toThrow(
    './counter.yaml is neither a scenario nor a JavaScript or TypeScript file; a scenario is named NAME.scenario.yaml',
  );
});
