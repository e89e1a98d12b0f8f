import { relative } from 'node:path';

/**
 * What kept a module from being loaded. Codes are those of Node.js where it has one, since packages
 * match on them around optional dependencies.
 *
 * - `ERR_SYNTAX`: it does not parse
 * - `ERR_NO_EXPORT`: a name that is imported from it, or a program's own, is not exported
 * - `ERR_NOT_A_PROGRAM`: the program's export is not a function, or is not there once the module has run
 * - `ERR_MODULE_THREW`: its top level threw; `cause` is what
 */
export type LoadErrorCode =
  | 'ERR_SYNTAX'
  | 'ERR_NO_EXPORT'
  | 'ERR_NOT_A_PROGRAM'
  | 'ERR_MODULE_THREW'
  | 'ERR_MODULE_NOT_FOUND'
  | 'MODULE_NOT_FOUND'
  | 'ERR_PACKAGE_PATH_NOT_EXPORTED'
  | 'ERR_PACKAGE_IMPORT_NOT_DEFINED'
  | 'ERR_INVALID_PACKAGE_CONFIG'
  | 'ERR_UNSUPPORTED_DIR_IMPORT'
  | 'ERR_UNKNOWN_FILE_EXTENSION'
  | 'ERR_REQUIRE_ASYNC_MODULE';

/** A place in a file as the user wrote it; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** A module could not be loaded. The message is one line: the place, then what is wrong there. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
  readonly code: LoadErrorCode;
  readonly place: Place;

  constructor(code: LoadErrorCode, place: Place, what: string, cause?: unknown) {
    super(`${placeInWords(place)}: ${what}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.place = place;
  }
}

/** `src/race.mjs:12:5`, from the current folder where that is shorter. */
export function placeInWords({ file, line, column }: Place): string {
  const path = shortPath(file);
  if (line === undefined) return path;
  return column === undefined ? `${path}:${line}` : `${path}:${line}:${column}`;
}

/** A path from the current folder when the file lies below it. */
export function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('..') ? file : path;
}
