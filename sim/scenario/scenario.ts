/** What a scenario is: roles, faults, and what must hold; the same for all who run it. */
import { fileURLToPath } from 'node:url';
import type { History } from '../check/history.ts';
import type { Verdict } from '../check/verdict.ts';
import { inWords } from '../env/given.ts';
import type { Plain } from '../env/net.ts';
import { unplain } from '../env/plain.ts';
import { kindOf } from '../fault/catalogue.ts';
import { PRESET_NAMES } from '../fault/presets.ts';
import { didYouMean, unknownOption, unknownValue } from '../trace/did-you-mean.ts';
import { nodeNames } from './node-name.ts';
import type { FaultPreset, TimedFault } from './scenario.gen.ts';

/** A finished run, as a check sees it. */
export interface Run {
  /** Live, that of kills and of what programs drew. */
  readonly seed: string;
  /** What `env.history` recorded. */
  readonly history: History;
  /** By node: what it showed by `env.observe` at the end, by name. */
  readonly observed: { readonly [node: string]: { readonly [name: string]: Plain } };
  /** Live, real ones. */
  readonly virtualMs: number;
}

/**
 * A check fails a run by throwing, by `false`, or by a verdict that is `invalid`; an `unknown` one
 * makes the run inconclusive.
 */
export type CheckOutcome = Verdict | boolean | undefined;
export type Check = (run: Run) => CheckOutcome | Promise<CheckOutcome>;

export interface Role {
  /**
   * A module whose default export is a {@link Program}, or the export named after `#`:
   * `./replica.ts`, `./nodes.ts#replica`. Relative to the file that calls `scenario`.
   */
  readonly program: string;
  /** How many nodes run it; they are named `ROLE-1`, `ROLE-2`, … Default 1. */
  readonly count?: number;
  /** The program's second parameter. Default null. */
  readonly args?: Plain;
  /**
   * Names of whole numbers in `args` that say how much is done, as `operations`: the smallest story of
   * a failure may have less of it. Default none.
   */
  readonly workload?: readonly string[];
}

export interface ScenarioOptions {
  /** Lower-case words and digits, joined by `-`. */
  readonly name: string;
  readonly roles: { readonly [role: string]: Role } | ReadonlyMap<string, Role>;
  /** Kinds of faults that the seed may place. Default `swarm`. */
  readonly faults?: FaultPreset;
  /** Faults at fixed times, besides. */
  readonly timeline?: readonly TimedFault[];
  /** Virtual ms until faults heal and what is to finish must. Default 60,000. */
  readonly forMs?: number;
  /** Virtual ms within which, once healed, all must have finished. Default 60,000. */
  readonly livenessMs?: number;
  /** What an exploration should find; a canary says `violated`. Default `passed`. */
  readonly expect?: 'passed' | 'violated';
  /**
   * `fresh`, the default: each incarnation evaluates its own module graph, so module-level state
   * dies with it. `shared`: evaluated once, faster, for programs without such state; every 50th seed
   * (1, 51, 101, …) and every failing one is run both ways, and a difference is `diverged`.
   */
  readonly modules?: 'fresh' | 'shared';
  readonly check?: Check | undefined;
  /**
   * Where programs are relative to, as `{ ...another, name }` has it of another scenario. Default: the file
   * that calls `scenario`.
   */
  readonly file?: string;
}

/** Made by {@link scenario} only. All defaults are filled in. */
export class Scenario {
  readonly name: string;
  readonly roles: ReadonlyMap<string, Required<Role>>;
  readonly faults: FaultPreset;
  readonly timeline: readonly TimedFault[];
  readonly forMs: number;
  readonly livenessMs: number;
  readonly expect: 'passed' | 'violated';
  readonly modules: 'fresh' | 'shared';
  readonly check: Check | undefined;
  /** Absolute path of the file that defined it; programs are relative to it. */
  readonly file: string;

  constructor(options: ScenarioOptions, file: string) {
    this.name = options.name;
    this.roles = new Map(
      rolesIn(options).map(([name, { program, count = 1, args = null, workload = [] }]) => [
        name,
        { program, count, args, workload },
      ]),
    );
    this.faults = options.faults ?? 'swarm';
    this.timeline = options.timeline ?? [];
    this.forMs = options.forMs ?? 60_000;
    this.livenessMs = options.livenessMs ?? 60_000;
    this.expect = options.expect ?? 'passed';
    this.modules = options.modules ?? 'fresh';
    this.check = options.check;
    this.file = options.file ?? file;
  }
}

/**
 * - `invalid`: an option has a value that makes no sense; the message names it
 * - `unknown-node`: the timeline names a node that no role has
 */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly code: 'invalid' | 'unknown-node';

  constructor(code: 'invalid' | 'unknown-node', message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Defines a scenario. Must be called in the module that programs are relative to.
 *
 * @throws ScenarioError
 */
export function scenario(options: ScenarioOptions): Scenario {
  return scenarioAt(options, callerFile());
}

/** As {@link scenario}, for a definition that stands in `file`. */
export function scenarioAt(options: ScenarioOptions, file: string): Scenario {
  validate(options);
  const made = new Scenario(options, file);
  const [wrong] = timelineProblems(made);
  if (wrong !== undefined) {
    throw new ScenarioError(wrong.code, `scenario '${made.name}': ${wrong.message}`);
  }
  return Object.freeze(made);
}

const NAME = /^[a-z0-9][a-z0-9-]*$/;
/** Not a digit first: keys that are numbers lose their place among the others. */
const ROLE = /^[a-z][a-z0-9-]*$/;

const OPTION_KEYS = [
  'name',
  'roles',
  'faults',
  'timeline',
  'forMs',
  'livenessMs',
  'expect',
  'modules',
  'check',
  'file',
] as const satisfies readonly (keyof ScenarioOptions)[];
const ROLE_KEYS = [
  'program',
  'count',
  'args',
  'workload',
] as const satisfies readonly (keyof Role)[];

function onlyKeys(where: string, given: object, known: readonly string[]): void {
  const problem = unknownOption(given, known);
  if (problem !== undefined) invalid(`${where}: ${problem}`);
}

/** As they are written, or as another scenario has them. */
function rolesIn({ roles }: ScenarioOptions): [string, Role][] {
  return roles instanceof Map ? [...roles] : Object.entries(roles);
}

function validate(options: ScenarioOptions): void {
  if (typeof options !== 'object' || options === null) {
    invalid(`scenario({ name, roles, … }) takes an object, not ${inWords(options)}`);
  }
  const { name, roles, file } = options;
  if (typeof name !== 'string' || !NAME.test(name)) {
    invalid(`a scenario's name is lower-case words joined by '-', not ${inWords(name)}`);
  }
  const where = `scenario '${name}'`;
  onlyKeys(where, options, OPTION_KEYS);
  if (typeof roles !== 'object' || roles === null || rolesIn(options).length === 0) {
    invalid(`${where} has no roles`);
  }
  for (const [role, written] of rolesIn(options)) {
    if (typeof written !== 'object' || written === null) {
      invalid(`${where}: role '${role}' is an object, { program, … }, not ${inWords(written)}`);
    }
    const { program, count = 1, args = null, workload = [] } = written;
    onlyKeys(`${where}, role '${role}'`, written, ROLE_KEYS);
    if (!ROLE.test(role)) invalid(`${where}: a role is named in lower case, not '${role}'`);
    if (typeof program !== 'string' || program === '') {
      invalid(
        `${where}: the program of role '${role}' is a module's path, not ${inWords(program)}`,
      );
    }
    if (!(Number.isInteger(count) && count >= 1)) {
      invalid(
        `${where}: the count of role '${role}' is a whole number from 1, not ${inWords(count)}`,
      );
    }
    const odd = unplain(args, 'args');
    if (odd !== undefined) {
      invalid(`${where}: args of role '${role}' are plain data, as JSON has it, and ${odd}`);
    }
    for (const amount of workload) {
      const value = (args as { readonly [name: string]: Plain } | null)?.[amount];
      if (Number.isInteger(value) && (value as number) >= 0) continue;
      invalid(`${where}: workload '${amount}' of role '${role}' is no whole number in its args`);
    }
  }
  for (const option of ['forMs', 'livenessMs'] as const) {
    const value = options[option];
    if (value !== undefined && !(typeof value === 'number' && value > 0 && value < Infinity)) {
      invalid(`${where}: ${option} is a number of ms above 0, not ${inWords(value)}`);
    }
  }
  if (file !== undefined && typeof file !== 'string') {
    invalid(`${where}: file is a module's path, not ${inWords(file)}`);
  }
  oneOf(where, 'faults', options.faults, PRESET_NAMES);
  oneOf(where, 'expect', options.expect, ['passed', 'violated']);
  oneOf(where, 'modules', options.modules, ['fresh', 'shared']);
  if (options.check !== undefined && typeof options.check !== 'function') {
    invalid(`${where}: check is a function (run) => …, not ${inWords(options.check)}`);
  }
}

function oneOf(where: string, option: string, value: unknown, allowed: readonly string[]): void {
  const problem = unknownValue(option, value, allowed);
  if (problem !== undefined) invalid(`${where}: ${problem}`);
}

/** Something of a timeline that cannot happen: `index` is that of the fault. */
export interface TimelineProblem {
  readonly index: number;
  readonly code: ScenarioError['code'];
  readonly message: string;
}

export function timelineProblems(
  scenario: Pick<Scenario, 'timeline' | 'forMs'> & {
    readonly roles: ReadonlyMap<string, { readonly count: number }>;
  },
): TimelineProblem[] {
  const names = [...scenario.roles].flatMap(([role, { count }]) => nodeNames(role, count));
  const known = new Set(names);
  return scenario.timeline.flatMap(({ atMs, fault }, index) => {
    const problems: TimelineProblem[] = [];
    const note = (code: ScenarioError['code'], what: string): void => {
      problems.push({ index, code, message: `the ${fault.kind} fault ${what}` });
    };
    const named = kindOf(fault).nodes(fault);
    for (const node of named.filter((name) => !known.has(name))) {
      const shown = names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ');
      note('unknown-node', `names '${node}', and nodes are ${shown}${didYouMean(node, names)}`);
    }
    const twice = named.find((node, i) => named.indexOf(node) !== i);
    if (twice !== undefined) note('invalid', `names '${twice}' twice`);
    if (atMs >= scenario.forMs) {
      note('invalid', `begins at ${atMs} ms, and all faults heal at ${scenario.forMs} ms`);
    }
    return problems;
  });
}

function invalid(message: string): never {
  throw new ScenarioError('invalid', message);
}

/** The file of whoever called the function that calls this. */
function callerFile(): string {
  const kept = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => sites;
  const sites = new Error().stack as unknown as NodeJS.CallSite[];
  Error.prepareStackTrace = kept;
  const file = sites[2]?.getFileName() ?? process.cwd();
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}
