/**
 * Module resolution as in Node.js (https://nodejs.org/api/esm.html#resolution-algorithm), with three
 * departures: the condition `module-sync` is not set, so a package has one form for `import` and one
 * for `require`; a `.ts` specifier finds the `.js` file that it was compiled to and the other way
 * round; and imports in TypeScript files may leave the extension out, as TypeScript itself allows.
 */
import { isBuiltin } from 'node:module';
import { dirname, extname, join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as maps from 'resolve.exports';
import { LoadError, type LoadErrorCode, type Place } from './load-error.ts';
import { isFile, isFolder, type Package, packageAt, packageOf, realFile } from './packages.ts';

/** How a module was asked for: conditions and lenience differ. */
export type RequestKind = 'import' | 'require';

export type Resolved =
  | { readonly is: 'file'; readonly file: string }
  | { readonly is: 'builtin'; readonly name: string };

export interface Request {
  readonly specifier: string;
  readonly kind: RequestKind;
  /** The module that asks; line and column when they are known. */
  readonly from: Place;
}

const CONDITIONS = { import: ['node', 'import'], require: ['node', 'require'] } as const;
const TYPESCRIPT = /\.[cm]?tsx?$/;

/** For each extension, what a file may be called where it does not exist under its own name. */
const TWINS: { readonly [extension: string]: readonly string[] } = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
  '.ts': ['.js'],
  '.tsx': ['.jsx', '.js'],
  '.mts': ['.mjs'],
  '.cts': ['.cjs'],
};
const REQUIRE_EXTENSIONS = ['.js', '.json', '.node'];
const TYPESCRIPT_EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts'];

/** @throws LoadError when there is no such module. */
export function resolve(request: Request): Resolved {
  const { specifier, from } = request;
  if (isBuiltin(specifier)) return { is: 'builtin', name: specifier.replace(/^node:/, '') };
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..') {
    return fileAt(resolvePath(dirname(from.file), pathOf(request)), request);
  }
  if (specifier.startsWith('file:')) return fileAt(fileURLToPath(specifier), request);
  if (specifier.startsWith('#')) return resolveInternal(request);
  if (/^[a-z]+:/.test(specifier)) {
    throw refuse(request, notFoundCode(request), `cannot load '${specifier}': only files can be`);
  }
  return { is: 'file', file: realFile(resolveBare(request)) };
}

function fileAt(path: string, request: Request): Resolved {
  const file = locate(path, request);
  if (file !== undefined) return { is: 'file', file: realFile(file) };
  if (isFolder(path)) {
    const what = `'${request.specifier}' is a folder, and imports name files`;
    throw refuse(request, 'ERR_UNSUPPORTED_DIR_IMPORT', what);
  }
  throw refuse(request, notFoundCode(request), `cannot find '${request.specifier}'`);
}

/** Specifiers of imports are URLs; a query is of no use here. */
function pathOf({ specifier, kind }: Request): string {
  return kind === 'require' ? specifier : decodeURIComponent(specifier.replace(/[?#].*$/, ''));
}

/** The file that is meant by this path, or undefined. */
function locate(path: string, { kind, from }: Request): string | undefined {
  if (isFile(path)) return path;
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  const twin = TWINS[extension]?.find((other) => isFile(stem + other));
  if (twin !== undefined) return stem + twin;
  const typescript = TYPESCRIPT.test(from.file);
  if (kind === 'import' && !typescript) return undefined;
  const extensions = typescript
    ? [...TYPESCRIPT_EXTENSIONS, ...REQUIRE_EXTENSIONS]
    : [...REQUIRE_EXTENSIONS, ...TYPESCRIPT_EXTENSIONS];
  const ending = extensions.find((other) => isFile(path + other));
  if (ending !== undefined) return path + ending;
  if (!isFolder(path)) return undefined;
  const main = packageAt(path)?.json.main;
  const inMain = main === undefined ? undefined : legacyMain(join(path, main));
  if (inMain !== undefined) return inMain;
  const index = extensions.find((other) => isFile(join(path, `index${other}`)));
  return index && join(path, `index${index}`);
}

/** What `main` of a package.json names, or undefined. */
function legacyMain(path: string): string | undefined {
  const endings = ['', ...REQUIRE_EXTENSIONS, '/index.js', '/index.json', '/index.node'];
  const ending = endings.find((other) => isFile(path + other));
  return ending === undefined ? undefined : path + ending;
}

function resolveBare(request: Request): string {
  const { specifier, from } = request;
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (name === undefined) {
    throw refuse(request, notFoundCode(request), `'${specifier}' is not the name of a module`);
  }
  const own = packageOf(from.file);
  if (own?.json.name === name && own.json.exports !== undefined) {
    return exported(own, `.${rest ?? ''}`, request);
  }
  for (let folder = dirname(from.file); ; folder = dirname(folder)) {
    if (!folder.endsWith('node_modules')) {
      const found = inPackage(join(folder, 'node_modules', name), rest, request);
      if (found !== undefined) return found;
    }
    if (folder === dirname(folder)) break;
  }
  const what = `cannot find package '${name}'; is it installed?`;
  throw refuse(request, notFoundCode(request), what);
}

function inPackage(folder: string, rest: string | undefined, request: Request): string | undefined {
  const found = packageAt(folder);
  if (found?.json.exports !== undefined) return exported(found, `.${rest ?? ''}`, request);
  if (rest !== undefined) return locate(join(folder, rest), request);
  if (found === undefined) return locate(folder, { ...request, kind: 'require' });
  const { main } = found.json;
  const inMain = main === undefined ? undefined : legacyMain(join(folder, main));
  return inMain ?? legacyMain(join(folder, 'index'));
}

function exported({ folder, json }: Package, entry: string, request: Request): string {
  const targets = mapped(() =>
    maps.exports(json, entry, { unsafe: true, conditions: CONDITIONS[request.kind] }),
  );
  const target = targets?.[0];
  if (target === undefined) {
    const what = `package '${json.name ?? folder}' does not export '${entry}'`;
    throw refuse(request, 'ERR_PACKAGE_PATH_NOT_EXPORTED', what);
  }
  const file = join(folder, target);
  if (isFile(file)) return file;
  const what = `package '${json.name ?? folder}' has no file '${target}'`;
  throw refuse(request, notFoundCode(request), what);
}

function resolveInternal(request: Request): Resolved {
  const { specifier, kind, from } = request;
  const own = packageOf(from.file);
  const targets =
    own?.json.imports === undefined
      ? undefined
      : mapped(() =>
          maps.imports(own.json as object, specifier, {
            unsafe: true,
            conditions: CONDITIONS[kind],
          }),
        );
  const target = targets?.[0];
  if (own === undefined || target === undefined) {
    const what = `'${specifier}' is not among the imports of package.json`;
    throw refuse(request, 'ERR_PACKAGE_IMPORT_NOT_DEFINED', what);
  }
  if (target.startsWith('./')) return fileAt(join(own.folder, target), request);
  return resolve({ ...request, specifier: target });
}

/** The package throws plain errors where nothing matches. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is what resolve.exports declares.
function mapped(look: () => readonly string[] | void): readonly string[] | undefined {
  try {
    return look() ?? undefined;
  } catch {
    return undefined;
  }
}

function notFoundCode({ kind }: Request): LoadErrorCode {
  return kind === 'require' ? 'MODULE_NOT_FOUND' : 'ERR_MODULE_NOT_FOUND';
}

function refuse({ from }: Request, code: LoadErrorCode, what: string): LoadError {
  return new LoadError(code, from, what);
}
