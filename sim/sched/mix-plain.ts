import type { Plain } from '../env/net.ts';
import { DEPTH_MAX, tooDeep } from '../env/plain.ts';
import type { Digest } from './digest.ts';

/**
 * Mixes plain data into a digest: types, structure and every bit of it, keys in their order.
 *
 * @throws TypeError on what is not plain data, as its encoding does live; then nothing was mixed
 */
export function mixPlain(digest: Digest, value: Plain | undefined): void {
  if (typeof value !== 'object') {
    mixBelow(digest, value, 0);
    return;
  }
  try {
    digest.attempt(() => mixBelow(digest, value, 0));
  } catch (error) {
    // The frames of the way down would be all that there is room for.
    if (error instanceof TypeError) Error.captureStackTrace(error, mixPlain);
    throw error;
  }
}

function mixBelow(digest: Digest, value: Plain | undefined, depth: number): void {
  switch (typeof value) {
    case 'undefined':
      digest.mix(1);
      return;
    case 'boolean':
      digest.mix(value ? 3 : 2);
      return;
    case 'number':
      if (!Number.isFinite(value)) {
        throw new TypeError(`plain data has finite numbers only, not ${value}`);
      }
      digest.mix(4);
      digest.mixNumber(value);
      return;
    case 'string':
      digest.mix(5);
      digest.mixText(value);
      return;
    case 'object':
      mixStructure(digest, value, depth + 1);
      return;
    default:
      throw new TypeError(`plain data has no ${typeof value}`);
  }
}

function mixStructure(digest: Digest, value: Plain, depth: number): void {
  if (depth > DEPTH_MAX) tooDeep();
  if (value === null) {
    digest.mix(6);
  } else if (value instanceof Uint8Array) {
    digest.mix(7);
    digest.mixBytes(value);
  } else if (Array.isArray(value)) {
    digest.mix(8);
    digest.mix(value.length);
    for (const entry of value as readonly Plain[]) mixBelow(digest, entry, depth);
  } else {
    digest.mix(9);
    for (const key in value as object) {
      digest.mix(10);
      digest.mixText(key);
      mixBelow(digest, (value as { readonly [key: string]: Plain })[key], depth);
    }
    digest.mix(11);
  }
}
