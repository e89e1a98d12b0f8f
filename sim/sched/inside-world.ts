/**
 * Whether code of a world is running, so that calls into the real world are escapes.
 *
 * Globals have another value while it does, since whoever tests with them (fake timers, spies)
 * replaces them too. Functions of built-in modules are wrapped once, and ask here.
 */

/** A property that has another value while a world runs. */
export interface Swap {
  readonly object: object;
  readonly key: PropertyKey;
  readonly value: unknown;
}

interface Swapped extends Swap {
  /** In worlds, since a program may assign to it. */
  now: unknown;
  /** Outside, while a world runs. */
  kept: unknown;
  inForce: boolean;
}

type Open = { [key: PropertyKey]: unknown };

const swaps: Swapped[] = [];
let inside = false;

export function insideWorld(): boolean {
  return inside;
}

/**
 * From the next time on; to be called while no world runs. An inherited property or an accessor
 * becomes a plain one with its present value, which takes a tenth of the time to swap. What cannot be
 * changed stays as it is.
 */
export function swapInsideWorld({ object, key, value }: Swap): void {
  const found = Object.getOwnPropertyDescriptor(object, key);
  if (found?.configurable === false) {
    if (found.writable !== true && found.set === undefined) return;
  } else if (found?.writable !== true || !takes(object as Open, key, value)) {
    makePlain(object, key);
  }
  swaps.push({ object, key, value, now: value, kept: undefined, inForce: false });
}

/** The property as an ordinary one with its present value. */
export function makePlain(object: object, key: PropertyKey): void {
  const value = (object as Open)[key];
  const enumerable = Object.getOwnPropertyDescriptor(object, key)?.enumerable ?? false;
  // Behind what looks like a value may be a getter in C++, which a new definition leaves in place.
  Reflect.deleteProperty(object, key);
  Object.defineProperty(object, key, { value, enumerable, configurable: true, writable: true });
}

function takes(object: Open, key: PropertyKey, value: unknown): boolean {
  const before = object[key];
  object[key] = value;
  const after = object[key];
  object[key] = before;
  return Object.is(after, value);
}

/**
 * Begins or ends a slice. A time-out may have cut off the last call in the middle, so each swap knows
 * for itself whether it is in force.
 */
export function setInsideWorld(on: boolean): void {
  inside = on;
  for (const swap of swaps) {
    if (swap.inForce === on) continue;
    const object = swap.object as Open;
    if (on) {
      swap.kept = object[swap.key];
      swap.inForce = true;
      object[swap.key] = swap.now;
    } else {
      swap.now = object[swap.key];
      object[swap.key] = swap.kept;
      swap.inForce = false;
    }
  }
}

/** A world begins: what an earlier one has assigned to globals that worlds have for themselves is gone. */
export function forgetAssignments(): void {
  for (const swap of swaps) {
    if (swap.inForce) (swap.object as Open)[swap.key] = swap.value;
    swap.now = swap.value;
  }
}

/** What the harness does for a program in the real world meanwhile: reading its files, mostly. */
export function outsideWorld<Result>(work: () => Result): Result {
  if (!inside) return work();
  setInsideWorld(false);
  try {
    return work();
  } finally {
    setInsideWorld(true);
  }
}
