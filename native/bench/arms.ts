// Programs that are measured, each in a process of its own.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** The folder of package.json, from the sources and from what is compiled of them alike. */
export const ROOT: string = packageRoot();

const FLAGS = ['-O2', '-pthread'];
const { compile }: typeof import('../build.mjs') = await import(join(ROOT, 'native', 'build.mjs'));

/** Runs a program on the load of that name and answers with the numbers it prints. */
export type Arm = (load: string) => readonly number[];

export interface ArmOptions {
  /** A library that takes the place of malloc. */
  readonly preload?: string;
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
}

/** Compiles `native/bench/<name>.cc`. */
export async function armOf(name: string, options: ArmOptions = {}): Promise<Arm> {
  const program = await compile({
    sources: [join(ROOT, 'native', 'bench', `${name}.cc`)],
    output: join(ROOT, 'native', 'build', 'bench', name),
    flags: [...FLAGS, ...(options.flags ?? [])],
  });
  return (load) => numbersOf(program, [load, ...(options.args ?? [])], options.preload);
}

/** `native/bench/<name>.ts`, once it is compiled. */
export function scriptArm(name: string, args: readonly string[]): Arm {
  const script = join(import.meta.dirname, `${name}.js`);
  return (load) => numbersOf(process.execPath, ['--expose-gc', script, load, ...args]);
}

/** What a program of `armOf` prints, line by line. */
export function linesOf(name: string, load: string): readonly string[] {
  const program = join(ROOT, 'native', 'build', 'bench', name);
  return execFileSync(program, [load], { encoding: 'utf8' }).trimEnd().split('\n');
}

/** The path of a library in the places where Debian puts them. */
export function libraryPath(name: string): string | undefined {
  const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * For each round the arms take turns, so that what the machine does meanwhile meets all of them;
 * answers with the median of what `of` makes of a round.
 */
export function inRounds(
  rounds: number,
  load: string,
  arms: readonly Arm[],
  of: (numbers: readonly (readonly number[])[]) => number,
): number {
  const results = Array.from({ length: rounds }, () => of(arms.map((arm) => arm(load))));
  results.sort((a, b) => a - b);
  return results[rounds >> 1]!;
}

function numbersOf(program: string, args: readonly string[], preload?: string): readonly number[] {
  const env = preload === undefined ? process.env : { ...process.env, LD_PRELOAD: preload };
  const output = execFileSync(program, args, { encoding: 'utf8', env });
  return output.trim().split(/\s+/).map(Number);
}

function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
