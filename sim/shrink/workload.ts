/**
 * The amounts of work in a program's arguments: whole numbers above 0, in objects of objects. Keys
 * that say a unit of time or size are settings, not amounts.
 */
import type { Plain } from '../env/net.ts';

export type AmountPath = readonly string[];

const SETTING = /(Ms|Ns|Bytes)$/;

export function amountsIn(args: Plain, at: AmountPath = []): AmountPath[] {
  if (typeof args === 'number') return Number.isInteger(args) && args > 0 ? [at] : [];
  if (!isObject(args)) return [];
  return Object.entries(args)
    .filter(([key]) => !SETTING.test(key))
    .flatMap(([key, value]) => amountsIn(value, [...at, key]));
}

export function amountAt(args: Plain, path: AmountPath): number {
  const [key, ...rest] = path;
  return key === undefined ? (args as number) : amountAt((args as PlainObject)[key]!, rest);
}

export function withAmount(args: Plain, path: AmountPath, amount: number): Plain {
  const [key, ...rest] = path;
  if (key === undefined) return amount;
  const object = args as PlainObject;
  return { ...object, [key]: withAmount(object[key]!, rest, amount) };
}

type PlainObject = { readonly [key: string]: Plain };

function isObject(value: Plain): value is PlainObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}
