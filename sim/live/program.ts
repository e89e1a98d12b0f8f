/** Loading a program, in the process that runs it. */
import { pathToFileURL } from 'node:url';
import type { Program } from '../env/env.ts';
import { notAProgram } from '../env/program.ts';
import { LiveError } from './live-error.ts';

export interface ProgramPlace {
  /** Absolute path of its module. */
  readonly file: string;
  readonly exportName: string;
}

/** Rejects with what the module throws, or with LiveError `bad-program`. */
export async function loadProgram({ file, exportName }: ProgramPlace): Promise<Program> {
  const module = await moduleAt(file);
  const program = module[exportName];
  if (!(exportName in module)) {
    const names = Object.keys(module).join(', ') || 'nothing';
    throw new LiveError(
      'bad-program',
      `${file} exports no program '${exportName}'; it exports ${names}`,
    );
  }
  const other = notAProgram(program);
  if (other !== undefined) {
    const what = `the export '${exportName}' is ${other}, not a function of (env, args)`;
    throw new LiveError('bad-program', `${file}: ${what}`);
  }
  return program as Program;
}

/**
 * JavaScript is left to Node.js, which starts it in a third of the time. TypeScript goes through our
 * compiler, as in simulation.
 */
async function moduleAt(file: string): Promise<{ readonly [name: string]: unknown }> {
  if (!/\.[cm]?ts$/.test(file)) return import(pathToFileURL(file).href);
  const { loadModule } = await import('../node/loader/load-module.ts');
  const { LoadError } = await import('../node/loader/load-error.ts');
  const { provided } = await import('../campaign/provided.ts');
  const { preparesStack } = await import('../node/guard/stack-trace.ts');
  // From now on: what the program throws later is shown at the lines that the user wrote.
  Error.prepareStackTrace = preparesStack(() => undefined);
  try {
    const module = await loadModule(file, { provided: await provided() });
    return module as { readonly [name: string]: unknown };
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    // What the module itself throws is the program's error.
    if (error.code === 'ERR_MODULE_THREW') throw error.cause;
    throw new LiveError('bad-program', error.message, { cause: error });
  }
}
