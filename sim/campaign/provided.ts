/**
 * The running harness's own modules, for the files that it loads: `groundhog` and its entry points,
 * and the ports in `sim/env` by path, which programs in this package import as files. An error that
 * a port throws is then of the class that the program compares it with.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

let modules: Promise<ReadonlyMap<string, object>> | undefined;

export function provided(): Promise<ReadonlyMap<string, object>> {
  modules ??= load();
  return modules;
}

async function load(): Promise<ReadonlyMap<string, object>> {
  return new Map<string, object>([
    ['groundhog', await import('../index.ts')],
    ['groundhog/check', await import('../check/index.ts')],
    ['groundhog/threads', await import('../threads/index.ts')],
    ...(await ports()),
  ]);
}

/** Compiled, as they run here, and beside that the sources, where this is a checkout. */
async function ports(): Promise<[path: string, module: object][]> {
  const compiled = new URL('../env/', import.meta.url);
  const sources = new URL('../../../sim/env/', import.meta.url);
  const ports: [string, object][] = [];
  for (const file of readdirSync(compiled)) {
    if (!/\.[jt]s$/.test(file) || /\.(d|test)\.ts$/.test(file)) continue;
    const module: object = await import(new URL(file, compiled).href);
    ports.push([fileURLToPath(new URL(file, compiled)), module]);
    const source = fileURLToPath(new URL(`${basename(file, '.js')}.ts`, sources));
    if (existsSync(source)) ports.push([source, module]);
  }
  return ports;
}
