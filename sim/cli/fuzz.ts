/** `groundhog fuzz`: coverage-guided fuzzing of what reads files, and one input again. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { loadFuzzTarget, TARGET_NAMES, type TargetName, targetFile } from '../../fuzz/bundle.ts';
import { type Finding, Fuzzer, failureOf } from '../../fuzz/fuzzer.ts';
import { hashOf, minimised, readCorpus, writeCorpus } from '../../fuzz/kept.ts';
import type { FuzzTarget } from '../../fuzz/target.ts';
import { pc } from '../tell/colour.ts';
import { writeWhole } from '../tell/saved.ts';
import { count, counted, seconds } from '../tell/words.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import { EXIT, UsageError } from './exit.ts';
import { checkedSeed } from './how.ts';
import { onInterrupt } from './interrupt.ts';
import { statusView } from './progress.ts';

export interface FuzzCommandOptions {
  /** Real ms, shared out equally among the targets. */
  readonly budget?: number;
  /** Executions of each target. */
  readonly runs?: number;
  readonly seed?: string;
  readonly keep?: boolean;
  readonly json?: boolean;
}

/** One target in `--json`. */
export interface FuzzJson {
  readonly target: string;
  readonly seed: string;
  readonly runs: number;
  readonly wallMs: number;
  readonly edges: number;
  readonly edgesMax: number;
  /** Inputs that reached something new, and a hash over all of them in order. */
  readonly corpus: number;
  readonly digest: string;
  readonly found: FoundJson | null;
}

export interface FoundJson {
  readonly message: string;
  readonly bytes: number;
  readonly file: string;
  readonly replay: string;
}

const BUDGET_MS = 60_000;
const SLICE_MS = 200;
const SEEDS = 2 ** 40;
/** The canary is not among those that should find nothing. */
const ALL = TARGET_NAMES.filter((name) => name !== 'canary');

/** Exit code 0 when nothing was found, 1 when something was. */
export async function fuzz(
  name: string | undefined,
  file: string | undefined,
  options: FuzzCommandOptions,
): Promise<number> {
  const names = name === undefined ? ALL : [targetNamed(name)];
  if (file !== undefined) return again(names[0]!, file, options.json === true);
  const seed = options.seed === undefined ? String(randomInt(SEEDS)) : checkedSeed(options.seed);
  const interrupted = onInterrupt();
  const { signal } = interrupted;
  if (options.seed === undefined && !options.json) process.stdout.write(`seed ${seed}\n`);
  const results: FuzzJson[] = [];
  try {
    for (const one of names) {
      if (signal.aborted) break;
      const result = await fuzzOne(one, { seed, signal, ...shareOf(options, names.length) });
      results.push(result.json);
      if (!options.json) show(result);
    }
  } finally {
    interrupted.dispose();
  }
  if (options.json) {
    process.stdout.write(`${JSON.stringify(name === undefined ? results : results[0])}\n`);
  }
  if (signal.aborted) return EXIT.interrupted;
  return results.some(({ found }) => found !== null) ? EXIT.violated : EXIT.passed;
}

function targetNamed(name: string): TargetName {
  const found = TARGET_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  const hint = didYouMean(name, TARGET_NAMES);
  throw new UsageError(`a fuzz target is one of ${TARGET_NAMES.join(', ')}, not '${name}'${hint}`);
}

interface Share {
  readonly runsMax: number;
  readonly forMs: number;
  readonly keep: boolean;
  readonly json: boolean;
}

/** Without a limit of either kind there is one of time. */
function shareOf({ budget, runs, keep, json }: FuzzCommandOptions, targets: number): Share {
  const forMs = budget ?? (runs === undefined ? BUDGET_MS : Infinity);
  return {
    runsMax: runs ?? Infinity,
    forMs: forMs / targets,
    keep: keep === true,
    json: json === true,
  };
}

interface Fuzzed {
  readonly json: FuzzJson;
  readonly counts: string;
  readonly finding: Finding | undefined;
  readonly note: string | undefined;
}

async function fuzzOne(
  name: TargetName,
  how: Share & { readonly seed: string; readonly signal: AbortSignal },
): Promise<Fuzzed> {
  const loaded = loadFuzzTarget(targetFile(name));
  const { seed, signal } = how;
  const fuzzer = new Fuzzer(loaded, { seed, corpus: readCorpus(name), guidance: 'edges' });
  const view = statusView(name, how.json);
  const began = performance.now();
  let wallMs = 0;
  let more = true;
  while (more && !signal.aborted && wallMs < how.forMs) {
    more = fuzzer.slice(how.runsMax, Math.min(SLICE_MS, how.forMs - wallMs));
    wallMs = performance.now() - began;
    const share = Math.min(1, Math.max(fuzzer.runs / how.runsMax, wallMs / how.forMs));
    view.update({ share, words: counts(fuzzer, wallMs), wallMs });
    await turn();
  }
  view.done();
  const { runs, edges, edgesMax, corpus } = fuzzer;
  const finding = fuzzer.finding && (await withStack(name, fuzzer.smallest()));
  const found = finding === undefined ? null : save(name, finding);
  return {
    json: {
      target: name,
      seed,
      runs,
      wallMs,
      edges,
      edgesMax,
      corpus: corpus.length,
      digest: hashOf(...corpus),
      found,
    },
    counts: counts(fuzzer, wallMs),
    finding,
    note:
      how.keep && finding === undefined && !signal.aborted ? keep(name, loaded, corpus) : undefined,
  };
}

function keep(
  name: TargetName,
  loaded: ReturnType<typeof loadFuzzTarget>,
  corpus: readonly Uint8Array[],
): string {
  const inputs = minimised(loaded, [...readCorpus(name), ...corpus]);
  const bytes = inputs.reduce((sum, { length }) => sum + length, 0);
  const folder = relative(process.cwd(), writeCorpus(name, inputs));
  return `kept ${counted(inputs.length, 'input')}, ${counted(bytes, 'byte')}, in ${folder}`;
}

/** The same failure of the code as it is, with the places in its sources. */
async function withStack(name: TargetName, finding: Finding): Promise<Finding> {
  if (finding.is === 'hang') return finding;
  const target = await plainTarget(name);
  return failureOf(target, finding.input) ?? finding;
}

async function plainTarget(name: TargetName): Promise<FuzzTarget> {
  process.setSourceMapsEnabled(true);
  const { target } = await import(pathToFileURL(targetFile(name)).href);
  return target as FuzzTarget;
}

function save(name: TargetName, { input, message }: Finding): FoundJson {
  const file = relative(process.cwd(), resolve('.groundhog/fuzz', name, hashOf(input)));
  writeWhole(resolve(file), input);
  return { message, bytes: input.length, file, replay: `npx groundhog fuzz ${name} ${file}` };
}

function show({ json, counts, finding, note }: Fuzzed): void {
  const { target, found, wallMs } = json;
  const what = found === null ? pc.green('nothing found') : pc.red('found');
  process.stdout.write(`${target}: ${what}  ${counts} in ${seconds(wallMs)}\n`);
  if (note !== undefined) process.stdout.write(`  ${note}\n`);
  if (found === null) return;
  process.stdout.write(`\n${failureText(target, finding!)}\n\n`);
  process.stdout.write(`  ${counted(found.bytes, 'byte')} in ${found.file}\n\n  ${found.replay}\n`);
}

function failureText(target: string, { message, stack }: Finding): string {
  const frames = stack
    .split('\n')
    .filter(
      (line) =>
        /^\s+at /.test(line) && !/[\\/]fuzz[\\/]fuzzer|node:|node_modules|sim[\\/]cli/.test(line),
    )
    .map((line) => pc.dim(`  ${line.trim()}`));
  const title = `${pc.red('✗')} ${pc.bold(target)}  ${message}`;
  return frames.length === 0 ? title : [title, '', ...frames].join('\n');
}

/** `groundhog fuzz TARGET FILE`. */
async function again(name: TargetName, file: string, json: boolean): Promise<number> {
  const input = new Uint8Array(readFileSync(file));
  const finding = failureOf(await plainTarget(name), input);
  if (json) {
    const object = { target: name, file, bytes: input.length, message: finding?.message ?? null };
    process.stdout.write(`${JSON.stringify(object)}\n`);
  } else if (finding === undefined) {
    process.stdout.write(`${name}: ${pc.green('handled as it should')}  ${file}\n`);
  } else {
    process.stdout.write(`${failureText(name, finding)}\n\n  npx groundhog fuzz ${name} ${file}\n`);
  }
  return finding === undefined ? EXIT.passed : EXIT.violated;
}

function counts({ runs, edges, edgesMax, corpus }: Fuzzer, wallMs: number): string {
  const perSecond = runs / Math.max(0.001, wallMs / 1000);
  return (
    `${counted(runs, 'run')} (${count(perSecond)}/s), ` +
    `${count(edges)} of ${count(edgesMax)} edges, corpus ${count(corpus.length)}`
  );
}
