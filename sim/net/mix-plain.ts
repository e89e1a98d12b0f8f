import type { Plain } from '../env/net.ts';
import type { Digest } from '../sched/digest.ts';

const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const NUMBER = 4;
const TEXT = 5;
const BYTES = 6;
const LIST = 7;
const OBJECT = 8;
const KEY = 9;
const END = 10;

/** Mixes all that tells `value` from other plain data, the order of its keys included. */
export function mixPlain(digest: Digest, value: Plain): void {
  switch (typeof value) {
    case 'number':
      digest.mix(NUMBER);
      digest.mixNumber(value);
      return;
    case 'string':
      digest.mix(TEXT);
      digest.mixText(value);
      return;
    case 'boolean':
      digest.mix(value ? TRUE : FALSE);
      return;
  }
  if (value === null) digest.mix(NULL);
  else if (value instanceof Uint8Array) {
    digest.mix(BYTES);
    digest.mixBytes(value);
  } else if (Array.isArray(value)) {
    digest.mix(LIST);
    for (const entry of value as readonly Plain[]) mixPlain(digest, entry);
    digest.mix(END);
  } else {
    digest.mix(OBJECT);
    for (const key in value) {
      digest.mix(KEY);
      digest.mixText(key);
      mixPlain(digest, (value as { readonly [key: string]: Plain })[key]!);
    }
    digest.mix(END);
  }
}
