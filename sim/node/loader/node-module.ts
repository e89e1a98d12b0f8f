import { createRequire } from 'node:module';
import { outsideWorld } from '../../sched/inside-world.ts';
import { escaped } from '../guard/escape.ts';
import { guardModule } from '../guard/wrapped.ts';

const require = createRequire(import.meta.url);
const loaded = new Map<string, object>();

/** Loading these changes every EventEmitter of the process. */
const NEVER_LOADED: { readonly [module: string]: readonly string[] } = {
  domain: ['Domain', 'create', 'createDomain'],
  repl: ['REPLServer', 'Recoverable', 'start'],
};

/** A built-in module of Node.js. When it is new to the process, it loads outside of any world. */
// biome-ignore lint/suspicious/noExplicitAny: who asks knows the type of the module.
export function nodeModule(name: string): any {
  let module = loaded.get(name);
  if (module === undefined) {
    module = outsideWorld(() => load(name));
    loaded.set(name, module);
  }
  return module;
}

function load(name: string): object {
  const unloaded = NEVER_LOADED[name];
  if (unloaded !== undefined) {
    return Object.fromEntries(unloaded.map((key) => [key, refusing(`${name}.${key}`)]));
  }
  const { emitWarning } = process;
  // That it is experimental would be printed a tick later, by whichever run goes on then.
  process.emitWarning = () => {};
  try {
    const exports = require(`node:${name}`) as object;
    guardModule(name, exports);
    return exports;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function refusing(called: string): () => never {
  return function refused() {
    throw escaped(called, refused);
  };
}
