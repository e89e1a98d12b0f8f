// An order given by the system itself (a log index, an apply sequence, a commit timestamp) proves a
// history linearizable in one pass. An order that does not fit proves nothing about the history,
// only that the system does not know its own order.

import type { History } from '../history.ts';
import { type Key, keyOf } from '../plain.ts';
import { operationInWords } from '../words.ts';
import { legalStep, refusal } from './machine.ts';
import type { Model } from './model.ts';

/** What is wrong with the order, or `undefined`: then it is a linearization. */
export function faultOfOrder(
  history: History,
  model: Model,
  order: readonly number[],
  spend: (steps: number) => void,
): string | undefined {
  return (
    faultOfMembers(history, order) ??
    faultOfTime(history, order) ??
    faultOfSteps(history, model, order, spend)
  );
}

function faultOfMembers(history: History, order: readonly number[]): string | undefined {
  const placed = new Uint8Array(history.length);
  for (const i of order) {
    const operation = history[i];
    if (operation === undefined) return `the history has no operation ${i}`;
    if (operation.outcome === 'fail') return `${operationInWords(operation)} failed`;
    if (placed[i] === 1) return `${operationInWords(operation)} is in it twice`;
    placed[i] = 1;
  }
  const missing = history.find(({ outcome }, i) => outcome === 'ok' && placed[i] === 0);
  return missing === undefined ? undefined : `${operationInWords(missing)} is missing from it`;
}

function faultOfTime(history: History, order: readonly number[]): string | undefined {
  let latest: number | undefined;
  for (const i of order) {
    const operation = history[i]!;
    if (latest !== undefined && operation.outcome === 'ok') {
      const before = history[latest]!;
      if (operation.returned < before.called) {
        return `${operationInWords(operation)} returned before ${operationInWords(before)} was called, which it puts first`;
      }
    }
    if (latest === undefined || operation.called > history[latest]!.called) latest = i;
  }
  return undefined;
}

function faultOfSteps(
  history: History,
  model: Model,
  order: readonly number[],
  spend: (steps: number) => void,
): string | undefined {
  const states = new Map<Key | undefined, unknown>();
  for (const i of order) {
    const operation = history[i]!;
    const object = model.object === undefined ? undefined : keyOf(model.object(operation));
    const state = states.has(object) ? states.get(object) : model.initial;
    spend(1);
    const step = model.step(state, operation, spend);
    const legal = legalStep(operation, step);
    if (legal === undefined)
      return `${operationInWords(operation)} is not legal there: ${refusal(operation, step)}`;
    states.set(object, legal.state);
  }
  return undefined;
}
