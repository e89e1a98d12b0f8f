/** `groundhog init`: a first scenario in the user's project, its test, and what to type next. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pc } from '../tell/colour.ts';
import { UsageError } from './exit.ts';
import { type Dialect, firstScenario, PLANTED } from './init-templates.ts';

interface Manifest {
  readonly type?: string;
  readonly scripts?: { readonly [name: string]: string };
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
}

const FOLDER = 'sim';
const SCRIPT = { name: 'sim', command: 'groundhog run' } as const;

/** Files that exist are left as they are. */
export async function init(): Promise<number> {
  const root = process.cwd();
  const manifestFile = join(root, 'package.json');
  const { text, manifest } = readManifest(manifestFile);
  const dialect = dialectOf(root, manifest);
  const hasVitest = existsSync(join(root, 'node_modules/vitest')) || names(manifest, 'vitest');
  const files = firstScenario(dialect).filter(({ isTest }) => hasVitest || !isTest);

  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const { name, content } of files) {
    const path = join(FOLDER, name);
    if (existsSync(join(root, path))) {
      say(`kept   ${path}, which was there`);
      continue;
    }
    writeFileSync(join(root, path), content);
    say(`wrote  ${path}`);
  }
  if (manifest.scripts?.[SCRIPT.name] === undefined) {
    writeFileSync(manifestFile, withScript(text, manifest));
    say(`added  npm script '${SCRIPT.name}' to package.json`);
  }
  if (ignoreRuns(root)) say('added  .groundhog/ to .gitignore');
  else if (!ignoresRuns(root))
    say('note   runs are recorded in .groundhog/: keep it out of version control');
  say('');
  for (const line of next(dialect, hasVitest)) say(line);
  return 0;
}

function next(dialect: Dialect, hasVitest: boolean): string[] {
  const [scenario, programs, test] = firstScenario(dialect);
  const planted = programs!.content.split('\n').findIndex((line) => line.includes(PLANTED)) + 1;
  const lines = ['Next:', typed('npx groundhog run counter', 'explores it under many seeds')];
  if (hasVitest) lines.push(typed(`npx vitest run ${FOLDER}/${test!.name}`, 'the same as a test'));
  else lines.push('  (no vitest here: with it, `init` writes a test besides)');
  lines.push(
    '',
    `Then delete the condition in ${FOLDER}/${programs!.name}:${planted} and run again: the bug is found,`,
    `made small and told. ${FOLDER}/${scenario!.name} says what else can be set.`,
  );
  return lines;
}

function typed(command: string, does: string): string {
  return `  ${pc.bold(command.padEnd(40))} ${does}`;
}

function readManifest(file: string): { text: string; manifest: Manifest } {
  if (!existsSync(file)) {
    throw new UsageError('there is no package.json in this folder; `npm init -y` makes one');
  }
  const text = readFileSync(file, 'utf8');
  try {
    const manifest: unknown = JSON.parse(text);
    if (typeof manifest === 'object' && manifest !== null) return { text, manifest };
  } catch (error) {
    throw new UsageError(`${basename(file)} is not JSON: ${(error as Error).message}`);
  }
  throw new UsageError(`${basename(file)} is not an object`);
}

/** `.mjs` and `.mts` are ES modules whatever the project is. */
function dialectOf(root: string, manifest: Manifest): Dialect {
  const typed = existsSync(join(root, 'tsconfig.json')) || names(manifest, 'typescript');
  const prefix = manifest.type === 'module' ? '' : 'm';
  return { typed, extension: `${prefix}${typed ? 'ts' : 'js'}`, imported: `${prefix}js` };
}

function names({ dependencies, devDependencies }: Manifest, dependency: string): boolean {
  return dependencies?.[dependency] !== undefined || devDependencies?.[dependency] !== undefined;
}

/** With the indentation and the last line end that it had. */
function withScript(text: string, manifest: Manifest): string {
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  const scripts = { ...manifest.scripts, [SCRIPT.name]: SCRIPT.command };
  const end = text.endsWith('\n') ? '\n' : '';
  return JSON.stringify({ ...manifest, scripts }, undefined, indent) + end;
}

/** Adds the folder of runs to what git leaves alone; false where it was there, or is no git. */
function ignoreRuns(root: string): boolean {
  const had = ignoredBy(root);
  if (ignoresRuns(root)) return false;
  if (had === '' && !existsSync(join(root, '.git'))) return false;
  const end = had === '' || had.endsWith('\n') ? '' : '\n';
  appendFileSync(join(root, IGNORED), `${end}.groundhog/\n`);
  return true;
}

function ignoresRuns(root: string): boolean {
  return /^\/?\.groundhog\/?\s*$/m.test(ignoredBy(root));
}

function ignoredBy(root: string): string {
  const file = join(root, IGNORED);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

const IGNORED = '.gitignore';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
