/** TypeScript and JSX to the JavaScript they mean, by esbuild, under the project's own tsconfig.json. */
import { readFileSync } from 'node:fs';
import type { SourceMapPayload } from 'node:module';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve as resolvePath } from 'node:path';
import type { Loader, TransformFailure, TransformOptions, TransformResult } from 'esbuild';
import { LoadError } from './load-error.ts';
import { isFile } from './packages.ts';

const LOADERS: { readonly [extension: string]: Loader } = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.jsx': 'jsx',
};

export interface Transformed {
  readonly code: string;
  readonly map: SourceMapPayload;
}

export function needsTransform(file: string): boolean {
  return LOADERS[extname(file)] !== undefined;
}

/**
 * Imports and exports stay as they are, except `to CommonJS` and in `.cts`, where they become `require`.
 *
 * The first call costs 40 ms: esbuild starts a worker thread and a process, and keeps them; a file
 * costs 2 ms after that, so nothing is kept on the disk.
 */
export function transform(source: string, file: string, to?: 'to CommonJS'): Transformed {
  const extension = extname(file);
  const toCommon = to !== undefined || extension === '.cts';
  try {
    const { code, map } = answered(source, {
      loader: LOADERS[extension]!,
      sourcefile: file,
      sourcemap: 'external',
      sourcesContent: false,
      target: 'node20.19',
      logLevel: 'silent',
      tsconfigRaw: { compilerOptions: optionsFor(dirname(file)) },
      ...(toCommon && { format: 'cjs', platform: 'node' }),
    });
    return { code, map: JSON.parse(map) as SourceMapPayload };
  } catch (cause) {
    const { text, location } = (cause as TransformFailure).errors[0]!;
    const place =
      location === null ? { file } : { file, line: location.line, column: location.column + 1 };
    throw new LoadError('ERR_SYNTAX', place, text, cause);
  }
}

/**
 * Where a run was cut off while it waited for esbuild, the answer is still to come, and stands before those
 * that are asked for later: esbuild is then begun anew.
 */
function answered(source: string, options: TransformOptions): TransformResult {
  const esbuild = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  try {
    return esbuild.transformSync(source, options);
  } catch (cause) {
    if ((cause as Partial<TransformFailure>).errors !== undefined) throw cause;
    void esbuild.stop();
    return esbuild.transformSync(source, options);
  }
}

interface CompilerOptions {
  readonly [name: string]: unknown;
}

/** What of `compilerOptions` changes the JavaScript that is meant. */
const OPTIONS = [
  'experimentalDecorators',
  'useDefineForClassFields',
  'target',
  'verbatimModuleSyntax',
  'preserveValueImports',
  'importsNotUsedAsValues',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
];

const byFolder = new Map<string, CompilerOptions>();

function optionsFor(folder: string): CompilerOptions {
  const known = byFolder.get(folder);
  if (known !== undefined) return known;
  const file = join(folder, 'tsconfig.json');
  const parent = dirname(folder);
  const isTop = parent === folder || folder.endsWith('node_modules');
  const found = isFile(file) ? readOptions(file) : isTop ? {} : optionsFor(parent);
  byFolder.set(folder, found);
  return found;
}

function readOptions(file: string): CompilerOptions {
  const config = readTsconfig(file);
  const bases = [config.extends ?? []].flat();
  const inherited = bases.map((base) => {
    const target = /^\.{0,2}\//.test(base)
      ? resolvePath(dirname(file), base)
      : createRequire(file).resolve(base);
    return readOptions([target, `${target}.json`].find(isFile) ?? target);
  });
  const own = Object.entries(config.compilerOptions ?? {});
  const kept = own.filter(([name]) => OPTIONS.includes(name));
  return Object.assign({}, ...inherited, Object.fromEntries(kept));
}

interface Tsconfig {
  readonly extends?: string | readonly string[];
  readonly compilerOptions?: CompilerOptions;
}

/** JSON with comments and trailing commas. */
function readTsconfig(file: string): Tsconfig {
  try {
    const text = readFileSync(file, 'utf8')
      .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1')
      .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, '$1');
    return JSON.parse(text) as Tsconfig;
  } catch (cause) {
    throw new LoadError('ERR_INVALID_PACKAGE_CONFIG', { file }, (cause as Error).message, cause);
  }
}
