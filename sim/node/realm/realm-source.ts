import { resolve as resolvePath } from 'node:path';
import { commandEnvironment, EXECUTABLE } from '../guard/surroundings.ts';
import { compileAll } from '../loader/compiled.ts';
import { LoadError } from '../loader/load-error.ts';
import { resolve } from '../loader/resolve.ts';
import type { Making } from '../loader/sight.ts';
import type { ProgramSource } from '../node.ts';
import { Realm } from './realm.ts';

export interface RealmOptions {
  /** What stands behind the file's name; `process.argv` has two entries before it. */
  readonly argv: readonly string[];
  /** `process.env`; a copy of the command's unless given, taken now. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Modules that exist already, by specifier: `groundhog` and its entry points, as they run. */
  readonly provided: ReadonlyMap<string, object>;
  /** How the file itself is made. Default `plain`. */
  readonly making?: Making;
}

/**
 * A user's own file as the program of a node: CommonJS, ES module or TypeScript, unmodified, with
 * its npm dependencies. Each start runs it in a new realm on virtual time, with randomness from the
 * seed; what it may use is listed in docs/realms.md. The run fails when the file throws, leaves a
 * rejection unhandled, ends with a code that is not 0, or awaits what can never settle.
 *
 * The file and all that it imports by name are compiled here, so that what is wrong with them is
 * found before anything runs.
 *
 * @throws LoadError with file and line.
 */
export function realmSource(path: string, options: RealmOptions): ProgramSource {
  const from = { file: resolvePath('groundhog') };
  const found = resolve({ specifier: resolvePath(path), kind: 'require', from });
  if (found.is === 'builtin') throw new LoadError('MODULE_NOT_FOUND', from, `no '${path}'`);
  const { file } = found;
  compileAll(file, options);
  const process = {
    file,
    argv: [EXECUTABLE, file, ...options.argv],
    env: options.env ?? commandEnvironment(),
    cwd: globalThis.process.cwd(),
    provided: options.provided,
    making: options.making ?? 'plain',
  };
  return {
    load: (incarnation) => async () => {
      new Realm(incarnation, process).start();
      // It ends by its exit, which tells the run itself.
      await new Promise(() => {});
    },
  };
}
