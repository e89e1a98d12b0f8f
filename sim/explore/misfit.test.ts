import { expect, test } from 'vitest';
import type { RecordedPlan } from '../trace/story.gen.ts';
import { misfitOf } from './misfit.ts';

const role = (count: number) => ({ count, args: null, workload: [] });
const subject = {
  name: 'demo',
  roles: new Map([
    ['replica', role(3)],
    ['client', role(2)],
  ]),
};
const crash = (node: string) => ({ atMs: 5, fault: { kind: 'crash', node, forMs: 10 } });

test.for<[RecordedPlan, string]>([
  [
    { roles: { replicas: { count: 1 } } },
    "plan.roles names 'replicas', which demo does not have; did you mean 'replica'?",
  ],
  [
    { absent: ['client-1', 'client-3'] },
    "plan.absent names 'client-3', which demo does not have; did you mean 'client-1'?",
  ],
  [{ absent: ['crash 1'] }, "plan.absent names 'crash 1', which demo does not have"],
  [
    { timeline: [crash('client-1'), { atMs: 6, fault: { kind: 'crush' } }] },
    `plan.timeline[1]: fault.kind is one of split, isolate, bridge, slow-link, crash, clock-jump, clock-drift, slow-disk, out-of-memory, not "crush"; did you mean 'crash'?`,
  ],
  [{ timeline: [{ atMs: 6, fault: { kind: 'crash' } }] }, "plan.timeline[0]: fault lacks 'node'"],
  [
    { timeline: [crash('replica-4')] },
    "plan.timeline[0]: the crash fault names 'replica-4', and nodes are replica-1, replica-2, replica-3, client-1, client-2; did you mean 'replica-1'?",
  ],
])('a plan that does not fit its subject is refused: %j', ([plan, message]) => {
  expect(misfitOf(plan, subject)).toBe(message);
});

test.for<[RecordedPlan]>([
  [{}],
  [{ roles: { client: { count: 4 } }, absent: ['client-4', 'replica-2'] }],
  [{ roles: { replica: { count: 1 } }, absent: [], timeline: [crash('replica-3')] }],
  [{ timeline: [{ ...crash('client-1'), atMs: 1e9 }] }],
])('a plan of parts that the subject has fits, also where it leaves them out: %j', ([plan]) => {
  expect(misfitOf(plan, subject)).toBeUndefined();
});
