import { expect, test } from 'vitest';
import { isLabel, label } from '../choice/site.ts';
// Whoever runs a world has all of its sites.
import '../explore/test-world.ts';
import '../fault/points.ts';
import { isOfFaults } from './faults.ts';

test.for([
  'buggify',
  'buggify.armed',
  'disk.point',
  'fault.happens',
  'fault.point.crash',
  'memory.point',
  'memory.refused',
  'net.duplicate',
  'net.loss',
])('%s is a site of ours at which there may be a fault', (name) => {
  expect(isLabel(label(name))).toBe(false);
  expect(isOfFaults(name)).toBe(true);
});

test.for(['step.moment', 'disk.crash.file', 'knob.net.latency-min', 'operation.happens'])(
  'at %s there is none',
  (name) => expect(isOfFaults(name)).toBe(false),
);
