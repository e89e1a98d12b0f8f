/**
 * Node.js numbers promises and AsyncResources across the whole process, and leaves the numbers on them
 * as properties: on promises from the first use of an AsyncLocalStorage on (until Node.js 24, which has
 * no need of them). Programs are not to see them, so a prototype has an accessor in their name, and
 * the objects have nothing.
 *
 *     object                       an id read       an id written
 *     AsyncResource                its own          is kept in a private field, once
 *     promise of the main realm    in worlds ONE    in worlds dropped; else as above
 *     promise of another realm     ONE              dropped
 *
 * That promises of worlds share one id harms nobody: storages go by object, and hooks that would tell
 * ids are refused to programs. It takes half the time of keeping them.
 */
import { AsyncResource } from 'node:async_hooks';
import { insideWorld } from '../../sched/inside-world.ts';

/** Node.js pushes it before a callback and expects it on top after; a number that is not 0. */
const ONE = 1;

/** Its constructor returns what it is given, so that a subclass adds its private field to that. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what it is for.
    return object;
  }
}

interface Ids {
  of(object: object): unknown;
  give(object: object, id: unknown): void;
}

const SYMBOLS = Object.getOwnPropertySymbols(new AsyncResource('GROUNDHOG')).filter((symbol) =>
  /^(trigger_)?async_id_symbol$/.test(symbol.description ?? ''),
);

/** Of promises of another realm: `its` is that realm's `Promise.prototype`. */
export function hideIdsOfPromises(its: object): void {
  for (const symbol of SYMBOLS) define(its, symbol, { of: () => ONE, give: () => {} });
}

/** Of all that is made in the main realm. */
export function hideIds(): void {
  for (const symbol of SYMBOLS) {
    const kept = fields();
    define(AsyncResource.prototype, symbol, kept);
    define(Promise.prototype, symbol, {
      of: (promise) => (insideWorld() ? ONE : kept.of(promise)),
      give: (promise, id) => {
        if (!insideWorld()) kept.give(promise, id);
      },
    });
  }
}

function define(prototype: object, symbol: symbol, ids: Ids): void {
  Object.defineProperty(prototype, symbol, {
    get(this: object) {
      return ids.of(this);
    },
    set(this: object, id: unknown) {
      ids.give(this, id);
    },
    configurable: true,
  });
}

function fields(): Ids {
  class Numbered extends Given {
    #id: unknown;

    static of(object: object): unknown {
      return #id in object ? object.#id : undefined;
    }

    /** Node.js, which looks for a property of the object's own, may do so again: the first id counts. */
    static give(object: object, id: unknown): void {
      if (!(#id in object)) new Numbered(object).#id = id;
    }
  }
  return Numbered;
}
