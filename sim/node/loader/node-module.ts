import { createRequire } from 'node:module';
import { outsideWorld } from '../../sched/inside-world.ts';

const require = createRequire(import.meta.url);
const loaded = new Map<string, object>();

/** A built-in module of Node.js. When it is new to the process, it loads outside of any world. */
// biome-ignore lint/suspicious/noExplicitAny: who asks knows the type of the module.
export function nodeModule(name: string): any {
  let module = loaded.get(name);
  if (module === undefined) {
    module = outsideWorld(() => require(`node:${name}`) as object);
    loaded.set(name, module);
  }
  return module;
}
