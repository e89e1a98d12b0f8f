import type { Fault } from '../scenario/scenario.gen.ts';
import type { FaultKind } from './kind.ts';
import { bridge, isolate, slowLink, split } from './net-faults.ts';
import { clockDrift, clockJump, crash, outOfMemory, slowDisk } from './node-faults.ts';

/** Every kind of fault there is. A new one is a definition in the schema, and a line here. */
const CATALOGUE = {
  split,
  isolate,
  bridge,
  'slow-link': slowLink,
  crash,
  'clock-jump': clockJump,
  'clock-drift': clockDrift,
  'slow-disk': slowDisk,
  'out-of-memory': outOfMemory,
} satisfies { [Kind in Fault['kind']]: FaultKind<Extract<Fault, { kind: Kind }>> };

export const FAULT_KINDS: readonly FaultKind<Fault>[] = Object.values(
  CATALOGUE,
) as unknown as readonly FaultKind<Fault>[];

export function kindOf(fault: Fault): FaultKind<Fault> {
  return CATALOGUE[fault.kind] as unknown as FaultKind<Fault>;
}
