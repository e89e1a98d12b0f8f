/**
 * Operations of a workload as steps of their own. Their identity is (node's start, label, number), so
 * dropping one leaves the decisions within all others as they were, which the chain of awaits that
 * leads from one to the next would not.
 */
import { childHi, childLo } from '../choice/identity.ts';
import { hashName } from '../choice/mix.ts';
import { site } from '../choice/site.ts';
import { weights } from '../choice/strategy.ts';
import { nsOfMs } from '../time/units.ts';
import type { Incarnation } from './incarnation.ts';

const OPERATION = site('operation');
const HAPPENS = site('operation.happens');

/** The longest pause over the mean one, that of steep magnitudes (sim/choice/shape.ts). */
const PAUSE_MAX = 60;

/** Outcome 0, dropped, is never drawn: only shrinking chooses it. */
const ALWAYS = weights(0, 1);

export function operate(
  life: Incarnation,
  label: string,
  thinkMs: number,
  body: () => Promise<void>,
): Promise<void> {
  const { node, start } = life;
  const { kernel } = node.world;
  const number = life.operations.get(label) ?? 0;
  life.operations.set(label, number + 1);
  const outer = kernel.choices.span;
  const hash = OPERATION.hash ^ hashName(label);
  const lo = childLo(start.lo, hash, number);
  const hi = childHi(start.hi, hash, lo);
  const span = kernel.choices.openSpan('operation', `${node.name} ${label} ${number + 1}`);
  kernel.choices.span = outer;
  life.operationBegins();
  return new Promise((resolve, reject) => {
    const done = (): void => {
      resolve();
      life.operationOver();
    };
    const failed = (error: unknown): void => {
      reject(error);
      life.operationOver();
    };
    const begin = (): void => {
      if (!kernel.become(life)) return;
      if (kernel.choices.branch(HAPPENS, ALWAYS) === 0) done();
      else whenOver(body, done, failed);
    };
    kernel.post({ fire: begin }, undefined, lo, hi, OPERATION, node.actor, span, kernel.steps, {
      earliestNs: kernel.nowNs,
      latestNs: kernel.nowNs + nsOfMs(PAUSE_MAX * thinkMs),
      spread: 'steep',
    });
  });
}

/** A body that is no async function is over when it returns. */
function whenOver(body: () => unknown, done: () => void, failed: (error: unknown) => void): void {
  try {
    Promise.resolve(body()).then(done, failed);
  } catch (error) {
    failed(error);
  }
}
