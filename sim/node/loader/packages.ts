/** What is on the disk, as far as module resolution asks: kinds of paths and package.json files. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LoadError } from './load-error.ts';

/** The fields of package.json that say how its files are loaded. */
export interface Package {
  readonly folder: string;
  readonly json: {
    readonly name?: string;
    readonly type?: string;
    readonly main?: string;
    readonly exports?: unknown;
    readonly imports?: unknown;
  };
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The file behind links, by which modules are known. */
export function realFile(path: string): string {
  return realpathSync.native(path);
}

/** By folder; `undefined` for one without a package.json. Files are taken as fixed while we run. */
const packages = new Map<string, Package | undefined>();

export function packageAt(folder: string): Package | undefined {
  if (packages.has(folder)) return packages.get(folder);
  const found = readPackage(folder);
  packages.set(folder, found);
  return found;
}

/** The package that a file belongs to: the nearest package.json above it. */
export function packageOf(file: string): Package | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (folder.endsWith('node_modules')) return undefined;
    const found = packageAt(folder);
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

function readPackage(folder: string): Package | undefined {
  const file = join(folder, 'package.json');
  if (!isFile(file)) return undefined;
  try {
    return { folder, json: JSON.parse(readFileSync(file, 'utf8')) };
  } catch (cause) {
    throw new LoadError('ERR_INVALID_PACKAGE_CONFIG', { file }, (cause as Error).message, cause);
  }
}
