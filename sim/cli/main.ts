/** The command line: parses, calls one command, turns every error into one line and an exit code. */
import { writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { CAMPAIGN_STRATEGIES, isCampaign } from '../choice/search.ts';
import { notNamed, notSeeded, SEEDED_STRATEGIES } from '../choice/seeded.ts';
import type { StrategyName } from '../explore/subject.ts';
import { PRESET_NAMES } from '../fault/presets.ts';
import { liveInUtc } from '../node/guard/surroundings.ts';
import { pc } from '../tell/colour.ts';
import { packageVersion } from '../tell/version.ts';
import { count, parseDuration, seconds } from '../tell/words.ts';
import { BUDGET_MS, SEEDS } from './defaults.ts';
import { EXIT } from './exit.ts';
import { userMessage } from './user-error.ts';

/** Runs one command line; resolves with the exit code. Prints no stack of ours at a user. */
export async function main(args: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.off('error', unlessClosed).on('error', unlessClosed);
  }
  let code: number = EXIT.passed;
  const program = commands((result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.usage;
    const message = userMessage(error);
    if (message === undefined) throw error;
    process.stderr.write(`${pc.red('groundhog:')} ${message}\n`);
    return DIVERGED.includes((error as Error).name) ? EXIT.diverged : EXIT.usage;
  }
}

/**
 * Who has read enough (`| head`) closes the pipe: the rest is for nobody, and the verdict stands.
 * Where output is lost for another reason (a full disk), no exit code may say that all went well.
 */
function unlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  try {
    writeSync(STDERR, `${pc.red('groundhog:')} output cannot be written: ${error.message}\n`);
  } catch {
    // Nobody can be told.
  }
  process.exit(EXIT.usage);
}

const STDERR = 2;

/** Each action loads its own module, so that `--help` is quick. */
function commands(end: (code: number) => void): Command {
  const program = new Command('groundhog')
    .description(
      'Deterministic simulation testing: one seed decides every schedule, latency and fault.',
    )
    .version(packageVersion(), '-v, --version')
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .hook('preAction', (_, action) => {
      if (action.name() !== 'live') liveInUtc();
    });

  command(
    program,
    'init',
    'writes a first scenario, its programs and test, and says what to type next',
  ).action(async () => end(await (await import('./init.ts')).init()));

  command(program, 'list', 'the scenarios that there are: built in, and below this folder')
    .option('--json', 'one JSON object on standard output')
    .action(async (options) => end(await (await import('./list.ts')).list(options)));

  exploring(command(program, 'run', 'explores scenarios or files under many seeds'), RUN_STRATEGIES)
    .argument(
      '[scenario or file...]',
      'names or paths; without any, all scenarios below this folder',
    )
    .addOption(new Option('--seed <seed>', 'this one seed').conflicts('seeds'))
    .option(
      '--seeds <range>',
      `500 for 1 to 500, or 200..300; default ${count(SEEDS)} from a drawn one on, which is printed`,
    )
    .option(
      '--budget <time>',
      'begins no seed after this time: 30s, 10m; default ' +
        `${seconds(BUDGET_MS)} where seeds are drawn, else none`,
      durationOption,
    )
    .option(
      '--workers <count>',
      `processes to use; default one a core, at most ${WORKERS_A_CORE} a core`,
      workersOption,
    )
    .option(
      '--depth <count>',
      'of dfs: preemptions, or departures from the first run; of faults: faults, 1 unless told',
      countOption,
    )
    .option('--keep-going', 'goes on after failures')
    .option('--no-shrink', 'shows the first failure as it is')
    .addOption(
      new Option(
        '--record <what>',
        'of failing runs: what they decided, or in full, with all steps and events',
      )
        .choices(['decisions', 'full'])
        .default('decisions'),
    )
    .option('--require-sometimes', 'a `sometimes` that was never seen fails the run')
    .option(
      '--reporter <name>',
      'junit, github or markdown, or NAME=FILE; more than once for more reports',
      listOption,
    )
    .option('--report <file>', 'a page with the story of each failure and its picture, as HTML')
    .option('--json', 'one JSON object on standard output, nothing else')
    .action(async (names, options) => end(await (await import('./run.ts')).run(names, options)));

  exploring(command(program, 'replay', 'one run again, from a seed or a story'))
    .argument('<scenario, file or story>')
    .option('--seed <seed>', 'the seed of a scenario or file')
    .option('--twice', 'runs it twice and compares the two, step for step')
    .option('--recorded', 'tells what a run recorded in full did then; runs nothing')
    .option('--json', 'one JSON object on standard output, nothing else')
    .action(async (name, options, command) =>
      end(
        await (await import('./replay.ts')).replay(name, { ...options, given: givenTo(command) }),
      ),
    );

  exploring(command(program, 'shrink', 'the smallest story of one failing run'))
    .argument('<scenario, file or recorded run>')
    .option('--seed <seed>', 'a seed of a scenario or file that fails')
    .option('-o, --output <file>', 'where the story goes: a FILE.story.json')
    .option('--budget <time>', 'tries for this long at most; default 60s', durationOption)
    .option('--workers <count>', 'processes to use; default one a core', workersOption)
    .option('--json', 'one JSON object on standard output, nothing else')
    .action(async (name, options, command) =>
      end(
        await (await import('./shrink.ts')).shrinkCommand(name, {
          ...options,
          given: givenTo(command),
        }),
      ),
    );

  command(program, 'explain', 'why a story fails: the faults, the order and the moment it takes')
    .argument('<story or recorded run>', 'a FILE.story.json or a FILE.ghr')
    .option('--budget <time>', 'tries for this long at most; default 30s', durationOption)
    .option('--json', 'one JSON object on standard output, nothing else')
    .action(async (file, options) =>
      end(await (await import('./explain.ts')).explainCommand(file, options)),
    );

  command(program, 'bugs', 'the failures that were kept, and whether they still fail')
    .option('--json', 'one JSON object on standard output, nothing else')
    .action(async (options) => end(await (await import('./bugs.ts')).bugs(options)));

  exploring(command(program, 'debug', 'travels in the time of one run, from a seed or a story'))
    .argument('<scenario, file or story>')
    .option('--seed <seed>', 'the seed of a scenario or file')
    .option(
      '--listen [port]',
      'answers an editor on a local port instead; any unless told',
      portOption,
    )
    .action(async (name, options, command) =>
      end(
        await (await import('./debug/debug.ts')).debug(name, {
          ...options,
          given: givenTo(command),
        }),
      ),
    );

  command(program, 'check', 'recorded histories through a checker')
    .argument('<file...>', 'histories in any format that is known; - is standard input')
    .requiredOption('--model <name>', 'register, kv, ser, bank and others; docs/check.md has all')
    .option('--format <name>', 'of the files, where their content does not tell')
    .option('--init <value>', 'what there is at first, as JSON or a text; nil by default')
    .option('--total <sum>', 'of all balances of a bank')
    .option('--negative <what>', 'accounts of a bank that are overdrawn: forbidden or allowed')
    .option('--by <what>', 'key: inputs are [key, input], each key an object of its own')
    .option('--partition <how>', 'no: all keys are one object to the search')
    .option('--budget <time>', 'gives up on a file after this time: 30s, 10m', durationOption)
    .option('--html <file>', 'a page with pictures of what was found')
    .option('--json', 'one JSON object on standard output, of several files an array')
    .action(async (files, options) =>
      end(await (await import('./check.ts')).check(files, options)),
    );

  command(
    program,
    'live',
    'the roles as real processes, under kill -9 and restart where the faults include crashes',
  )
    .argument('<scenario>')
    .addOption(
      new Option('--for <time>', 'runs, or kills and restarts, for this long')
        .argParser(durationOption)
        .default(10_000, '10s'),
    )
    .option('--seed <seed>', 'of who is killed when, and of what programs draw')
    .option('--json', 'one JSON object on standard output, nothing else')
    .action(async (name, options) =>
      end(await (await import('./live.ts')).liveCommand(name, options)),
    );

  command(program, 'fuzz', 'fuzzes the readers of files, guided by the branches they take')
    .argument('[target]', 'ghr, story, scenario or canary; without one, the first three')
    .argument('[file]', 'this one input, instead of many')
    .option('--budget <time>', 'for all targets together; default 60s', durationOption)
    .option('--runs <count>', 'this many executions of each target, whatever the time', runsOption)
    .option('--seed <seed>', 'decides all that happens in a number of executions')
    .option('--keep', 'keeps what reached something new in fuzz/corpus, made small')
    .option('--json', 'one JSON object on standard output, nothing else')
    .action(async (target, file, options) =>
      end(await (await import('./fuzz.ts')).fuzz(target, file, options)),
    );

  command(program, 'native', 'C++ programs on fibers, under every schedule or under many')
    .argument('[program...]', 'without one, their names')
    .addOption(
      new Option('--strategy <name>', 'how schedules are chosen')
        .choices(NATIVE_STRATEGIES)
        .default('dpor'),
    )
    .option('--preemptions <count>', 'with dfs: this many in a run at most', countOption)
    .option('--runs <count>', 'this many of each program at most', runsOption)
    .option('--seed <number>', 'of pct and random; 1 unless told', countOption)
    .option('--budget <time>', 'for each program; default 30s', durationOption, 30_000)
    .option('--json', 'one JSON array on standard output, nothing else')
    .action(async (programs, options) =>
      end(await (await import('./native.ts')).native(programs, options)),
    );

  program
    .command('start', { hidden: true })
    .argument('[file...]')
    .exitOverride()
    .action(async (files) => end(await (await import('./start.ts')).start(files)));

  for (const each of program.commands) onceEach(each);
  return program;
}

/** Of two values for one option the last would win, and nobody be told. */
function onceEach(command: Command): void {
  const given = new Set<string>();
  for (const option of command.options) {
    const takesOne = (option.required || option.optional) && option.parseArg !== listOption;
    if (!takesOne) continue;
    command.on(`option:${option.name()}`, () => {
      if (given.has(option.name())) command.error(`option '${option.flags}' is given twice`);
      given.add(option.name());
    });
  }
}

function command(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).exitOverride();
}

/** What decides how a seed's run is made, the same wherever one is. */
function exploring(
  command: Command,
  strategies: readonly StrategyName[] = SEEDED_STRATEGIES,
): Command {
  return command
    .addOption(
      new Option(
        '--strategy <name>',
        `how choices are made: ${strategies.join(', ')}; default random, of threads portfolio`,
      ).argParser((text) => strategyOption(text, strategies)),
    )
    .addOption(
      new Option('--faults <preset>', "in place of the scenario's own").choices(PRESET_NAMES),
    )
    .option('--hang <time>', 'one step that takes longer is a hang; default 5s', durationOption);
}

/** What was said of how a run is made; what is left to its default was not. */
function givenTo(command: Command): readonly string[] {
  const making = ['seed', 'strategy', 'faults'];
  return making.filter((name) => command.getOptionValueSource(name) === 'cli');
}

/** Commander's words as ours: on one line, with where to look. */
function oneLine(text: string): string {
  const said = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ');
  const end = said.endsWith('.') ? '' : ';';
  return `${pc.red('groundhog:')} ${said}${end} --help shows what there is\n`;
}

function strategyOption(text: string, strategies: readonly StrategyName[]): StrategyName {
  const name = strategies.find((known) => known === text);
  if (name !== undefined) return name;
  throw new InvalidArgumentError(isCampaign(text) ? notSeeded(text) : notNamed(text, strategies));
}

function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError('A time is written 500ms, 30s, 10m or 2h, and is more than 0.');
  return ms;
}

function listOption(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function portOption(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return Number(text);
}

function runsOption(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new InvalidArgumentError('A whole number from 1 is needed.');
  return Number(text);
}

function countOption(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError('A whole number from 0 to 999,999,999 is needed.');
  }
  return Number(text);
}

function workersOption(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number from 1 is needed.');
  const most = WORKERS_A_CORE * availableParallelism();
  if (Number(text) > most) {
    throw new InvalidArgumentError(`At most ${most} are of use here, ${WORKERS_A_CORE} a core.`);
  }
  return Number(text);
}

const WORKERS_A_CORE = 8;

/** Names of errors that say that a run was not the same when it was made again. */
const DIVERGED = ['NotReproduced', 'SearchDiverged'];

const RUN_STRATEGIES = [...SEEDED_STRATEGIES, ...CAMPAIGN_STRATEGIES];

const NATIVE_STRATEGIES = ['dpor', 'dfs', 'pct', 'random'];
