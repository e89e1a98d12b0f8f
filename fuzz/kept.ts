/** The corpora that are kept with the sources, and making them small. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedTarget } from './bundle.ts';
import { failureOf } from './fuzzer.ts';
import { smaller } from './smaller.ts';

/** The same folder for the sources and for what is compiled from them. */
const FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './corpus' : '../../fuzz/corpus', import.meta.url),
);

const ATTEMPTS_MAX = 400;

/** By name of their files, so always in one order. Empty where none are kept. */
export function readCorpus(target: string): Uint8Array[] {
  const folder = join(FOLDER, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => new Uint8Array(readFileSync(join(folder, name))));
}

/** Replaces what is kept. Returns the folder. */
export function writeCorpus(target: string, inputs: readonly Uint8Array[]): string {
  const folder = join(FOLDER, target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const input of inputs) writeFileSync(join(folder, hashOf(input)), input);
  return folder;
}

/** Twelve hexadecimal digits. */
export function hashOf(...inputs: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input);
  return hash.digest('hex').slice(0, 12);
}

/**
 * Few and small inputs that together take every edge that all of them take: of the smallest ones
 * those that add an edge, without the bytes that it does not need.
 */
export function minimised(loaded: LoadedTarget, inputs: readonly Uint8Array[]): Uint8Array[] {
  const taken = new Set<number>();
  const kept: Uint8Array[] = [];
  for (const input of [...inputs].sort((a, b) => a.length - b.length)) {
    const added = edgesOf(loaded, input).filter((edge) => !taken.has(edge));
    if (added.length === 0) continue;
    const least = smaller(input, ATTEMPTS_MAX, (candidate) => {
      const edges = new Set(edgesOf(loaded, candidate));
      return added.every((edge) => edges.has(edge));
    });
    for (const edge of edgesOf(loaded, least)) taken.add(edge);
    kept.push(least);
  }
  return needed(loaded, kept);
}

/** Without inputs all of whose edges others take; large ones go first. */
export function needed(loaded: LoadedTarget, inputs: readonly Uint8Array[]): Uint8Array[] {
  // What is made once, at first use, belongs to no input.
  for (const input of inputs) edgesOf(loaded, input);
  const edges = new Map(inputs.map((input) => [input, edgesOf(loaded, input)]));
  const takers = new Map<number, number>();
  for (const edge of [...edges.values()].flat()) takers.set(edge, (takers.get(edge) ?? 0) + 1);
  for (const input of [...inputs].sort((a, b) => b.length - a.length)) {
    const own = edges.get(input)!;
    if (own.some((edge) => takers.get(edge) === 1)) continue;
    for (const edge of own) takers.set(edge, takers.get(edge)! - 1);
    edges.delete(input);
  }
  return inputs.filter((input) => edges.has(input));
}

/** None when the target mishandles the input, which is then no example of anything. */
function edgesOf({ target, edges }: LoadedTarget, input: Uint8Array): number[] {
  edges.fill(0);
  if (failureOf(target, input) !== undefined) return [];
  return [...edges.keys()].filter((edge) => edges[edge] !== 0);
}
