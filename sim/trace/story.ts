/**
 * The story file, `*.story.json`: a failing run, made small, as JSON that people read and diff. What
 * it holds is said by story.schema.json; decisions and spans stand on a line each.
 *
 *     step       identity of a step, 16 hexadecimal digits: the high lane, then the low one
 *     span       a place in `spans`; a span lies in one that stands before it
 *     actor      left out where it is the world itself
 *
 * A story replays as far as it fits after the code has changed, so nothing in it depends on the
 * order in which a process meets sites, nodes or links: they stand in it by name.
 */
import { assert } from '../env/assert.ts';
import { hexWord } from './hex-word.ts';
import { JsonTextError, readJsonText } from './json-text.ts';
import { type Located, type Path, type Problem, problemLines } from './place.ts';
import { planFromJson, planToJson } from './plan.ts';
import { DECISION_KINDS, DecisionRecord, SITES_MAX, VALUE } from './record.ts';
import type { NamedDecisions } from './recorded-run.ts';
import { type SchemaProblem, schemaCheck } from './schema-check.ts';
import { STORY_SCHEMA, type StoryDecision, type StoryFile } from './story.gen.ts';

/** What a story file says. */
export interface Story
  extends Omit<StoryFile, '$schema' | 'format' | 'version' | 'spans' | 'decisions'> {
  /** Those that are not the calmest. */
  readonly decisions: NamedDecisions;
}

/**
 * - `foreign`: not a story
 * - `newer`: of a version that this package does not know
 * - `malformed`: a story, with something in it that cannot be
 */
export type StoryErrorCode = 'foreign' | 'newer' | 'malformed';

/** A file that cannot be read as a story. The message is one line: the file, the place, what to do. */
export class StoryError extends Error {
  override readonly name = 'StoryError';
  readonly code: StoryErrorCode;
  /** All that is wrong; empty unless `malformed`. */
  readonly problems: readonly Problem[];

  constructor(code: StoryErrorCode, message: string, problems: readonly Problem[] = []) {
    super(message);
    this.code = code;
    this.problems = problems;
  }
}

const FORMAT = 'groundhog-story';
const VERSION = 1;
/** The actor that is left out, and that the decisions of a run as a whole belong to. */
const WORLD = 'world';

const problemsOf = schemaCheck(STORY_SCHEMA);

/** The text of a story file. */
export function writeStory(story: Story): string {
  const { groundhog, subject, seed, strategy, faults, plan, signature, failure } = story;
  const { record } = story.decisions;
  const file: StoryFile = {
    format: FORMAT,
    version: VERSION,
    groundhog,
    subject,
    seed,
    strategy,
    faults,
    plan: planToJson(plan),
    signature,
    failure,
    spans: record.spans,
    decisions: decisionsOf(story.decisions),
    text: story.text,
  };
  const members = Object.entries(file).map(([key, value]) => `  "${key}": ${memberText(value)}`);
  return `{\n${members.join(',\n')}\n}\n`;
}

/**
 * The story that the text of `file` tells. Of its decisions `record` goes by the tables of the file.
 *
 * @throws StoryError
 */
export function readStory({ file, text }: { file: string; text: string }): Story {
  const located = parse(file, text);
  checkFormat(file, located.value);
  const problems = problemsOf(located.value);
  if (problems.length > 0) throw malformed(file, located, problems);
  const story = located.value as StoryFile;
  const inconsistent = inconsistencies(story);
  if (inconsistent.length > 0) throw malformed(file, located, inconsistent);
  return {
    groundhog: story.groundhog,
    subject: story.subject,
    seed: story.seed,
    strategy: story.strategy,
    faults: story.faults,
    plan: planFromJson(story.plan),
    signature: story.signature,
    failure: story.failure,
    decisions: decisionsFrom(story),
    text: story.text,
  };
}

/** A list in which every item has a line of its own, or what fits on one. */
function memberText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return lineOf(value);
  return `[\n${value.map((item) => `    ${lineOf(item)}`).join(',\n')}\n  ]`;
}

/** JSON on one line, with blanks where people put them. */
function lineOf(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n */g, ' ');
}

function decisionsOf({ record, sites, actors }: NamedDecisions): StoryDecision[] {
  return Array.from({ length: record.count }, (_, entry) => {
    const site = sites[record.site(entry)];
    const actor = actors[record.actor(entry)];
    assert(
      site !== undefined && actor !== undefined,
      'every site and actor of a record has a name',
    );
    return {
      kind: DECISION_KINDS[record.kind(entry)]!,
      site,
      step: hexWord(record.hi(entry)) + hexWord(record.lo(entry)),
      ordinal: record.ordinal(entry),
      outcome: record.outcome(entry),
      span: record.span(entry),
      ...(actor !== WORLD && { actor }),
    };
  });
}

function decisionsFrom({ spans, decisions }: StoryFile): NamedDecisions {
  const record = new DecisionRecord();
  const sites = new Map<string, number>();
  const actors = new Map<string, number>();
  for (const { kind, label, parent } of spans.slice(1)) record.openSpan(kind, label, parent);
  for (const { kind, site, step, ordinal, outcome, span, actor = WORLD } of decisions) {
    record.push(
      DECISION_KINDS.indexOf(kind),
      numberIn(sites, site),
      Number.parseInt(step.slice(8), 16) | 0,
      Number.parseInt(step.slice(0, 8), 16) | 0,
      ordinal,
      span,
      numberIn(actors, actor),
      outcome,
    );
  }
  return { record, sites: [...sites.keys()], actors: [...actors.keys()] };
}

/** Names are numbered in the order in which they come. */
function numberIn(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name) ?? numbers.size;
  numbers.set(name, known);
  return known;
}

function parse(file: string, text: string): Located {
  try {
    return readJsonText(text);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    if (!text.trimStart().startsWith('{')) throw foreign(file);
    const { message, place } = error;
    throw oneOfThem(file, [{ ...place, message }]);
  }
}

function checkFormat(file: string, value: unknown): void {
  const { format, version, groundhog } = (value ?? {}) as { readonly [key: string]: unknown };
  if (format !== FORMAT) throw foreign(file);
  if (typeof version === 'number' && version > VERSION) {
    const by = typeof groundhog === 'string' && groundhog.length <= 40 ? `, ${groundhog}` : '';
    const what = `has version ${version} of its format, and this groundhog reads ${VERSION}`;
    throw new StoryError('newer', `${file} ${what}: install the one that wrote it${by}`);
  }
}

/** What the schema cannot say. */
function inconsistencies({ spans, decisions }: StoryFile): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const note = (path: Path, message: string): void => {
    problems.push({ path, part: 'value', message });
  };
  if (spans[0]?.kind !== 'run') note(['spans'], 'the first span is the run');
  for (const [i, { parent }] of spans.entries()) {
    if (i > 0 && parent >= i) note(['spans', i, 'parent'], `span ${i} lies in one before it`);
  }
  if (new Set(decisions.map(({ site }) => site)).size > SITES_MAX) {
    note(['decisions'], `decisions have at most ${SITES_MAX} different sites`);
  }
  for (const [i, { kind, span, outcome }] of decisions.entries()) {
    if (span >= spans.length) note(['decisions', i, 'span'], `there is no span ${span}`);
    if (outcome < 0 && DECISION_KINDS.indexOf(kind) !== VALUE) {
      note(['decisions', i, 'outcome'], `the outcome of a ${kind} is at least 0, not ${outcome}`);
    }
  }
  return problems;
}

function foreign(file: string): StoryError {
  return new StoryError('foreign', `${file} is not a story: groundhog shrink writes one`);
}

function malformed(file: string, located: Located, problems: readonly SchemaProblem[]): StoryError {
  return oneOfThem(
    file,
    problems.map(({ path, part, message }) => ({ ...located.placeOf(path, part), message })),
  );
}

function oneOfThem(file: string, problems: readonly Problem[]): StoryError {
  const [first] = problemLines(file, problems).split('\n');
  const more = problems.length > 1 ? `; ${problems.length - 1} more` : '';
  const message = `${first}${more} (groundhog shrink writes it anew)`;
  return new StoryError('malformed', message, problems);
}
