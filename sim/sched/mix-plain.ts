import type { Plain } from '../env/net.ts';
import type { Digest } from './digest.ts';

/**
 * Mixes plain data into a digest: types, structure and every bit of it, keys in their order.
 *
 * @throws TypeError on what is not plain data, as its encoding does live
 */
export function mixPlain(digest: Digest, value: Plain | undefined): void {
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
      mixStructure(digest, value);
      return;
    default:
      throw new TypeError(`plain data has no ${typeof value}`);
  }
}

function mixStructure(digest: Digest, value: Plain): void {
  if (value === null) {
    digest.mix(6);
  } else if (value instanceof Uint8Array) {
    digest.mix(7);
    digest.mixBytes(value);
  } else if (Array.isArray(value)) {
    digest.mix(8);
    digest.mix(value.length);
    for (const entry of value as readonly Plain[]) mixPlain(digest, entry);
  } else {
    digest.mix(9);
    for (const key in value as object) {
      digest.mix(10);
      digest.mixText(key);
      mixPlain(digest, (value as { readonly [key: string]: Plain })[key]);
    }
    digest.mix(11);
  }
}
