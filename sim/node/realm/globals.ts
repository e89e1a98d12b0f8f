/** What the global object of a realm gets from Node.js, beyond what its own realm makes. */
import { outsideWorld } from '../../sched/inside-world.ts';
import { timed } from '../guard/event-time.ts';
import { stub } from './not-simulated.ts';
import { keepGlobal } from './shared-state.ts';

/** Globals of Node.js that a realm has as they are. */
const SHARED_GLOBALS: readonly string[] = [
  'Buffer',
  'URL',
  'URLSearchParams',
  'URLPattern',
  'DOMException',
  'QuotaExceededError',
  'AbortController',
  'Event',
  'EventTarget',
  'CustomEvent',
  'MessageEvent',
  'CloseEvent',
  'ErrorEvent',
  'TextEncoder',
  'TextDecoder',
  'TextEncoderStream',
  'TextDecoderStream',
  'TransformStream',
  'TransformStreamDefaultController',
  'WritableStream',
  'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
  'ReadableStream',
  'ReadableStreamDefaultReader',
  'ReadableStreamBYOBReader',
  'ReadableStreamBYOBRequest',
  'ReadableByteStreamController',
  'ReadableStreamDefaultController',
  'ByteLengthQueuingStrategy',
  'CountQueuingStrategy',
  'Blob',
  'File',
  'FormData',
  'Headers',
  'Request',
  'Response',
  'Crypto',
  'CryptoKey',
  'SubtleCrypto',
  'atob',
  'btoa',
  'queueMicrotask',
];

/** Globals that are not simulated. */
const REFUSED_GLOBALS: readonly string[] = [
  'fetch',
  'WebSocket',
  'EventSource',
  'MessageChannel',
  'MessagePort',
  'BroadcastChannel',
  'CompressionStream',
  'DecompressionStream',
  'PerformanceObserver',
];

/** Loading these takes a while, and few programs want them. */
const LAZY = /^(FormData|Headers|Request|Response|Crypto|CryptoKey|SubtleCrypto)$/;
const EVENT = /Event$/;
const ENUMERABLE = /^(atob|btoa|fetch|queueMicrotask)$/;

let descriptors: PropertyDescriptorMap | undefined;

/** The same for all realms. */
export function nodeGlobals(): PropertyDescriptorMap {
  descriptors ??= outsideWorld(described);
  return descriptors;
}

function described(): PropertyDescriptorMap {
  const main = globalThis as unknown as { readonly [name: string]: unknown };
  const all: PropertyDescriptorMap = {};
  for (const name of REFUSED_GLOBALS) {
    if (name in globalThis) all[name] = plain(name, stub(name, main[name]));
  }
  for (const name of SHARED_GLOBALS) {
    if (!(name in globalThis)) continue;
    if (LAZY.test(name)) all[name] = lazy(name, main);
    else if (EVENT.test(name)) all[name] = plain(name, timed(main[name] as typeof Event));
    else all[name] = plain(name, main[name]);
  }
  return all;
}

function plain(name: string, value: unknown): PropertyDescriptor {
  return { value, enumerable: ENUMERABLE.test(name), configurable: true, writable: true };
}

/** Loaded when it is first asked for, by whichever realm, and outside of the world. */
function lazy(name: string, main: { readonly [name: string]: unknown }): PropertyDescriptor {
  return {
    configurable: true,
    get: () => {
      const value = outsideWorld(() => main[name]);
      keepGlobal(value);
      return value;
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, plain(name, value));
    },
  };
}
