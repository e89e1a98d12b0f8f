/** Where the programs of a scenario are, and loading one. */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Program } from '../env/env.ts';
import { LiveError } from './live-error.ts';

export interface ProgramPlace {
  /** Absolute path of the compiled module. */
  readonly file: string;
  readonly exportName: string;
}

/**
 * The place of `./replica.ts#name`, relative to the scenario's file. Node.js runs JavaScript: of a
 * TypeScript module the compiled file is taken, from beside it or from its package's `dist`.
 *
 * @throws LiveError `bad-program`
 */
export function placeOf(program: string, scenarioFile: string): ProgramPlace {
  const [path, exportName = 'default'] = program.split('#') as [string, string?];
  const source = resolve(dirname(scenarioFile), path);
  const candidates = compiledPlaces(source);
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) {
    const where = candidates.join(' or ');
    throw new LiveError('bad-program', `the program '${program}' is not there: ${where}`);
  }
  return { file, exportName };
}

function compiledPlaces(source: string): string[] {
  if (!/\.m?ts$/.test(source)) return [source];
  const compiled = source.replace(/ts$/, 'js');
  const root = packageRoot(dirname(source));
  return root === undefined ? [compiled] : [compiled, join(root, 'dist', relative(root, compiled))];
}

/** The nearest folder upwards that has a `package.json`. */
export function packageRoot(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Rejects with what the module throws, or with LiveError `bad-program`. */
export async function loadProgram({ file, exportName }: ProgramPlace): Promise<Program> {
  const module = (await import(pathToFileURL(file).href)) as { [name: string]: unknown };
  const program = module[exportName];
  if (typeof program !== 'function') {
    const names = Object.keys(module).join(', ') || 'nothing';
    throw new LiveError(
      'bad-program',
      `${file} exports no program '${exportName}'; it exports ${names}`,
    );
  }
  return program as Program;
}
