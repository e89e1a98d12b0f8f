/** Where a scenario's programs are, as its supervisor finds them. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LoadError } from '../node/loader/load-error.ts';
import { programPath } from '../node/program-source.ts';
import { LiveError } from './live-error.ts';
import type { ProgramPlace } from './program.ts';

/**
 * The place of `./replica.ts#name`, relative to the scenario's file.
 *
 * @throws LiveError `bad-program`
 */
export function placeOf(program: string, scenarioFile: string): ProgramPlace {
  try {
    const { file, export: exportName } = programPath(program, dirname(scenarioFile));
    return { file, exportName };
  } catch (cause) {
    if (!(cause instanceof LoadError)) throw cause;
    throw new LiveError('bad-program', cause.message, { cause });
  }
}

/**
 * The compiled file that nodes start from; the same whether this runs compiled or not.
 *
 * @throws LiveError `not-built`
 */
export function hostFile(): string {
  const file = join(packageRoot(import.meta.dirname), 'dist', 'sim', 'live', 'host.js');
  if (existsSync(file)) return file;
  throw new LiveError('not-built', `${file} is not there: run npx tsc -b`);
}

function packageRoot(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
