import { expect, test } from 'vitest';
import { label, site } from '../choice/site.ts';
import { isOfProgram } from './drawn.ts';

test('a site of ours is no draw of the program, though a story named it before it was met', () => {
  label('knob.of-a-story');
  expect(isOfProgram(site('knob.of-a-story'))).toBe(false);
  expect(isOfProgram(label('knob.of-a-story'))).toBe(false);
  expect(isOfProgram(label('pause.of-a-program'))).toBe(true);
  expect(isOfProgram(site('Math.random'))).toBe(true);
});
