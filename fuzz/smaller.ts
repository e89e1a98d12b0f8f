/**
 * Makes an input small while something stays true of it: drops runs of bytes, halves before quarters
 * before single ones, then makes bytes plain. As delta debugging does, without its complements.
 */
const PLAIN = [0x30, 0x61, 0x20, 0x00];

/** `attemptsMax` bounds how often `holds` is asked. Returns the last input of which it said yes. */
export function smaller(
  input: Uint8Array,
  attemptsMax: number,
  holds: (input: Uint8Array) => boolean,
): Uint8Array {
  let best = input;
  let attempts = 0;
  const take = (candidate: Uint8Array): boolean => {
    if (attempts >= attemptsMax) return false;
    attempts++;
    if (!holds(candidate)) return false;
    best = candidate;
    return true;
  };
  let before: number;
  do {
    before = best.length;
    for (let size = best.length; size >= 1; size = Math.floor(size / 2)) {
      for (let at = best.length - size; at >= 0; at -= size) {
        if (at + size <= best.length) take(without(best, at, size));
      }
    }
  } while (best.length < before && attempts < attemptsMax);
  for (let at = 0; at < best.length; at++) {
    for (const byte of PLAIN) {
      if (best[at] === byte || take(withByteAt(best, at, byte))) break;
    }
  }
  return best;
}

function without(input: Uint8Array, at: number, count: number): Uint8Array {
  const out = new Uint8Array(input.length - count);
  out.set(input.subarray(0, at));
  out.set(input.subarray(at + count), at);
  return out;
}

function withByteAt(input: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = new Uint8Array(input);
  copy[at] = byte;
  return copy;
}
