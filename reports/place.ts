/** Where in the user's code a failure is shown. */
import { isAbsolute, relative, resolve, sep } from 'node:path';

export interface SourcePlace {
  /** From the root, with `/`. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** Folders that paths go by, both absolute. */
export interface Folders {
  /** That paths in stacks are relative to. */
  readonly cwd: string;
  /** That a reader's paths are relative to: the checkout's top. */
  readonly root: string;
}

const FRAME = /^\s*at (?:.*? \()?(?:file:\/\/)?(.+?):(\d+):(\d+)\)?$/;

/** The innermost line of the stack that lies below the root and in no package; else the file. */
export function placeOf(
  { stack = '', file }: { readonly stack?: string | undefined; readonly file: string },
  folders: Folders,
): SourcePlace {
  for (const text of stack.split('\n')) {
    const [, path, line, column] = FRAME.exec(text) ?? [];
    if (path === undefined || !isOfUser(path)) continue;
    const shown = fromRoot(path, folders);
    if (shown !== undefined) return { file: shown, line: Number(line), column: Number(column) };
  }
  return { file: fromRoot(file, folders) ?? file };
}

function isOfUser(path: string): boolean {
  return !path.startsWith('node:') && !/(^|[\\/])node_modules[\\/]/.test(path);
}

function fromRoot(path: string, { cwd, root }: Folders): string | undefined {
  const found = relative(root, resolve(cwd, path));
  if (found === '' || found.startsWith('..') || isAbsolute(found)) return undefined;
  return found.split(sep).join('/');
}
