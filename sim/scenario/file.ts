/**
 * Scenario files, `*.scenario.yaml`, `*.scenario.yml` and `*.scenario.json`: what `scenario()` takes,
 * for people who do not write TypeScript. scenario.schema.json says what may stand in one; here it
 * becomes a Scenario, or a list of all that is wrong with it, each with its place in the file.
 */
import { kv } from '../check/linear/kv.ts';
import { linearizable } from '../check/linear/linearizable.ts';
import type { Model } from '../check/linear/model.ts';
import { casRegister, register } from '../check/linear/register.ts';
import type { Plain } from '../env/net.ts';
import { onOneLine } from '../trace/escape-unseen.ts';
import { DEPTH_MAX, JsonTextError, readJsonText } from '../trace/json-text.ts';
import {
  type Located,
  type Path,
  type Problem,
  pathInWords,
  problemLines,
} from '../trace/place.ts';
import { type SchemaProblem, schemaCheck } from '../trace/schema-check.ts';
import { type Check as NamedCheck, SCENARIO_SCHEMA, type ScenarioFile } from './scenario.gen.ts';
import { type Check, Scenario, scenarioAt, timelineProblems } from './scenario.ts';
import { readYamlText, YamlTextError } from './yaml-text.ts';

/** A file that does not describe a scenario. The message has a line for each problem. */
export class ScenarioFileError extends Error {
  override readonly name = 'ScenarioFileError';
  /** Survives the way from a worker process. */
  readonly isUserError = true;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const plain = problems.map((problem) => ({ ...problem, message: onOneLine(problem.message) }));
    super(problemLines(file, plain));
    this.problems = plain;
  }
}

/** Longer ones are something else. */
const TEXT_MAX = 1_000_000;

const schemaProblems = schemaCheck(SCENARIO_SCHEMA);

/**
 * The scenario in the text of a file. `file` is what the user calls it, and its end decides between
 * YAML and JSON; `path` is the absolute one that programs are relative to. `missing` says why there
 * is no such program, if so.
 *
 * @throws ScenarioFileError
 */
export function readScenario(
  { file, text }: { readonly file: string; readonly text: string },
  path: string,
  missing: (program: string) => string | undefined = () => undefined,
): Scenario {
  const located = parse(file, text);
  const refuse = (problems: readonly SchemaProblem[]): void => {
    if (problems.length === 0) return;
    const placed = problems.map(({ path, part, message }) => {
      return { ...located.placeOf(path, part), message };
    });
    throw new ScenarioFileError(file, placed);
  };
  refuse(notPlain(located.value, []));
  refuse(schemaProblems(located.value));
  const { $schema: _, check, ...rest } = located.value as ScenarioFile;
  const options = check === undefined ? rest : { ...rest, check: checkOf(check) };
  const programs = Object.entries(rest.roles).flatMap(([role, { program }]) => {
    const message = missing(program);
    return message === undefined ? [] : [inRole(role, message)];
  });
  refuse([...programs, ...timelineProblems(new Scenario(options, path)).map(inTimeline)]);
  return scenarioAt(options, path);
}

function parse(file: string, text: string): Located {
  if (text.length > TEXT_MAX) {
    const message = `a scenario has at most ${TEXT_MAX} characters, not ${text.length}`;
    throw new ScenarioFileError(file, [{ line: 1, column: 1, message }]);
  }
  try {
    // A byte order mark is an editor's, and no part of the text.
    const plain = text.startsWith('\ufeff') ? text.slice(1) : text;
    return file.endsWith('.json') ? readJsonText(plain) : readYamlText(plain);
  } catch (error) {
    if (error instanceof YamlTextError) throw new ScenarioFileError(file, error.problems);
    if (!(error instanceof JsonTextError)) throw error;
    const { message, place } = error;
    throw new ScenarioFileError(file, [{ ...place, message }]);
  }
}

/** What YAML can say and plain data cannot hold. */
function notPlain(value: unknown, path: Path): SchemaProblem[] {
  if (path.length > DEPTH_MAX) {
    return [{ path, part: 'value', message: `values lie more than ${DEPTH_MAX} deep` }];
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return [{ path, part: 'value', message: `${pathInWords(path)} is finite, not ${value}` }];
  }
  if (typeof value !== 'object' || value === null) return [];
  const parts = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [...parts].flatMap(([key, part]) => notPlain(part, [...path, key]));
}

function inRole(role: string, message: string): SchemaProblem {
  return { path: ['roles', role, 'program'], part: 'value', message };
}

function inTimeline({ index, message }: { index: number; message: string }): SchemaProblem {
  return { path: ['timeline', index, 'fault'], part: 'value', message };
}

const MODELS: { readonly [Name in NamedCheck['model']]: (options: { initial: Plain }) => Model } = {
  register: (options) => register(options) as Model,
  'cas-register': (options) => casRegister(options) as Model,
  kv: (options) => kv(options) as Model,
};

function checkOf({ model, initial = null }: NamedCheck): Check {
  const judge = MODELS[model]({ initial });
  return (run) => linearizable(run.history, judge);
}
