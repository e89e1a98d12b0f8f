/** `npm run bench` and `npm run score`: which parts there are. */
import { Command, CommanderError } from 'commander';
import { parseDuration } from '../tell/words.ts';
import { bench, type Part } from './bench.ts';
import { EXIT, UsageError } from './exit.ts';
import { userMessage } from './user-error.ts';

type Parts = { readonly [name: string]: Part };

const BENCH: Parts = {
  kernel: async function* () {
    yield* (await import('./kernel.bench.ts')).rows();
    yield* (await import('./register.bench.ts')).rows();
    const { ratesOf } = await import('./measure.ts');
    yield* (await import('../threads/threads.bench.ts')).rows(ratesOf);
  },
  check: async function* () {
    yield* (await import('./check.bench.ts')).rows();
  },
  explore: async function* () {
    const { ratesOf } = await import('./measure.ts');
    yield* (await import('../threads/threads.bench.ts')).exploreRows(ratesOf);
    yield* (await import('../threads/dpor.bench.ts')).timeRows(ratesOf);
    yield* (await import('./travel.bench.ts')).rows();
  },
  native: async function* () {
    yield* (await import('../../native/bench/native.bench.ts')).rows();
  },
};

const SCORE: Parts = {
  kernel: async function* (options) {
    yield* (await import('./kernel.score.ts')).rows(options);
  },
  check: async function* (options) {
    yield* (await import('./check.score.ts')).rows(options);
  },
  explore: async function* (options) {
    yield* (await import('../threads/dpor.bench.ts')).countRows();
    yield* (await import('./sctbench.score.ts')).rows(options);
    yield* (await import('./shrink.score.ts')).rows(options);
    yield* (await import('./guided.score.ts')).rows(options);
  },
  native: async function* () {
    yield* (await import('../../native/bench/native.score.ts')).rows();
  },
};

async function reference(): Promise<number> {
  return (await import('./kernel.bench.ts')).bareAsync();
}

const MINUTES_10 = 600_000;

const program = new Command()
  .exitOverride()
  .showHelpAfterError()
  .description('Measures ratios side by side; never fails because a number is missed.');

function measuring(name: string, description: string, parts: Parts): void {
  program
    .command(name)
    .description(description)
    .argument('[part...]', `of ${Object.keys(parts).join(', ')}; default all`)
    .option('--json', 'one JSON object on standard output')
    .option('--budget <time>', 'for each part, as 10m', durationOf, MINUTES_10)
    .action(async (names: string[], { json, budget }: { json?: boolean; budget: number }) => {
      const options = { names, json: json === true, budgetMs: budget };
      process.exitCode = await bench(parts, reference, options);
    });
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`a time is written 30s, 10m or 1h, not '${text}'`);
  return ms;
}

measuring('bench', 'rates and costs', BENCH);
measuring('score', 'statistics over many seeds', SCORE);

try {
  await program.parseAsync();
} catch (error) {
  const message = error instanceof CommanderError ? undefined : userMessage(error);
  if (message === undefined && !(error instanceof CommanderError)) throw error;
  if (message !== undefined) process.stderr.write(`${message}\n`);
  process.exitCode = error instanceof CommanderError ? error.exitCode && EXIT.usage : EXIT.usage;
}
