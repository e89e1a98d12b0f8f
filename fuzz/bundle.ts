/** A target with all that it imports as one script, with a counter in each branch of it. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { buildSync } from 'esbuild';
import { EDGES, instrument } from './edges.ts';
import type { FuzzTarget } from './target.ts';

export interface LoadedTarget {
  readonly target: FuzzTarget;
  /** By number: how often an edge was taken, modulo 256. Whoever runs the target clears it. */
  readonly edges: Uint8Array;
}

/** Ajv makes code at run time, which has no counters, and is not what is tested. */
const EXTERNAL = ['ajv', 'ajv/*'];

/** `file` is a module that exports `target`. */
export function loadFuzzTarget(file: string): LoadedTarget {
  const { outputFiles } = buildSync({
    entryPoints: [file],
    // The same text whatever folder the process is in, and though that be gone.
    absWorkingDir: dirname(file),
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: `node${process.versions.node}`,
    external: EXTERNAL,
    // One script has no place of its own: what is required is found from the target's.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(file).href) },
    logLevel: 'silent',
  });
  const { code, edges: count } = instrument(outputFiles[0]!.text);
  const edges = new Uint8Array(count);
  const parameters = ['module', 'exports', 'require', EDGES];
  const body = compileFunction(code, parameters, { filename: `${file}#instrumented` });
  const module = { exports: {} as { readonly target: FuzzTarget } };
  body(module, module.exports, createRequire(import.meta.url), edges);
  return { target: module.exports.target, edges };
}

const TARGETS = ['ghr', 'story', 'scenario', 'canary'] as const;
export type TargetName = (typeof TARGETS)[number];
export const TARGET_NAMES: readonly TargetName[] = TARGETS;

/** The module of a target that comes with the package, compiled or as a source. */
export function targetFile(name: TargetName): string {
  const source = fileURLToPath(new URL(`./targets/${name}.ts`, import.meta.url));
  return existsSync(source) ? source : source.replace(/\.ts$/, '.js');
}
