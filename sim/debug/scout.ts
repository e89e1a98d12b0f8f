/** Questions asked after every step of a run: when does this hold, when did that change? */
import type { RunEvent } from '../trace/event.ts';
import { DebugError } from './debug-error.ts';
import type { Arrival, Journey } from './journey.ts';
import { Question } from './look.ts';
import type { Passage } from './passage.ts';
import type { Scene } from './scene.ts';
import { textOf, thrownText } from './value-text.ts';

/** What one waits for. `told` looks for text in what is told of a step. */
export type Condition =
  | { readonly is: 'holds'; readonly node: string; readonly expression: string }
  | { readonly is: 'told'; readonly pattern: RegExp };

/** Why a condition was never met. */
export interface Unmet {
  /** What was thrown last, where asking never gave a value. */
  readonly thrown: string | undefined;
}

export interface Changed {
  readonly step: number;
  /** Undefined where steps have no moments. */
  readonly atMs: number | undefined;
  readonly from: string;
  readonly to: string;
}

export interface Changes {
  readonly changes: readonly Changed[];
  /** No more were looked for after so many. */
  readonly isAll: boolean;
}

/** Before the node runs any code, and after it has ended. */
const NOTHING = 'nothing yet';

/**
 * Goes to the nearest step after which the condition holds: the next one, or the last before the
 * present one. Stays where it is when there is none.
 *
 * @throws DebugError
 */
export async function until(
  journey: Journey,
  condition: Condition,
  direction: 'forward' | 'back',
): Promise<Arrival | Unmet> {
  const { step: here } = journey;
  const met = meets(condition);
  let found: Asked | undefined;
  const last = await asking(
    journey,
    (passage) => {
      const { step } = passage;
      if (direction === 'back' && step >= here) return true;
      const isMet = met.by(passage.scene);
      if (isMet && (direction === 'back' || step > here)) found = { step, digest: passage.digest };
      return direction === 'forward' && found !== undefined;
    },
    met.hear,
  );
  if (found === undefined) {
    if (condition.is === 'holds' && last !== undefined) await checkSame(journey, last);
    return { thrown: met.thrown() };
  }
  const arrival = await journey.goto(found.step);
  if (arrival.digest === found.digest) return arrival;
  await journey.goto(here);
  throw disturbs();
}

/**
 * Asks after each step of the run, until the question says that it is enough; returns where it was asked last.
 *
 * @throws DebugError when asking is seen to make it another run
 */
async function asking(
  journey: Journey,
  question: (passage: Passage) => boolean,
  hear?: Hear,
): Promise<Asked | undefined> {
  let last: Asked | undefined;
  let disturbed = false;
  await journey.scout((passage) => {
    disturbed = !journey.course.isAt(passage);
    if (disturbed) return true;
    const before = traceOf(passage);
    const isEnough = question(passage);
    disturbed = !isSame(before, traceOf(passage));
    last = { step: passage.step, digest: passage.digest };
    return disturbed || isEnough;
  }, hear);
  if (disturbed) throw disturbs();
  return last;
}

type Hear = ((event: RunEvent) => void) | undefined;

/** A step of a run that was asked something after each of its steps. */
interface Asked {
  readonly step: number;
  readonly digest: string;
}

/** What was asked last must not have made it another run than that which nobody asks. */
async function checkSame(journey: Journey, { step, digest }: Asked): Promise<void> {
  if ((await journey.digestAt(step)) !== digest) throw disturbs();
}

/** What shows at once that something drew, or did what can be observed. */
type Trace = readonly [decisions: number, digest: string];

function traceOf({ run, digest }: Passage): Trace {
  return [run.record.count, digest];
}

function isSame(a: Trace, b: Trace): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function disturbs(): DebugError {
  const what = 'asking this changes the run, so it cannot be asked after each step';
  return new DebugError(
    'disturbs',
    `${what}: it draws, prints, sends, starts or changes something`,
  );
}

/**
 * The changes of an expression's value, as text, over the whole run.
 *
 * @throws DebugError
 */
export async function changesOf(
  journey: Journey,
  node: string,
  expression: string,
): Promise<Changes> {
  const question = new Question(node, expression);
  const changes: Changed[] = [];
  let before: Seen = { value: NOTHING, text: NOTHING };
  const last = await asking(journey, (passage) => {
    const now = seen(question, passage, before);
    if (now.text !== before.text) {
      const { step } = passage;
      changes.push({ step, atMs: journey.course.atMs(step), from: before.text, to: now.text });
      if (changes.length >= CHANGES_MAX) return true;
    }
    before = now;
    return false;
  });
  if (last !== undefined) await checkSame(journey, last);
  return { changes, isAll: changes.length < CHANGES_MAX };
}

/** Changes after which no more are looked for. */
const CHANGES_MAX = 100_000;

interface Seen {
  readonly value: unknown;
  readonly text: string;
}

/** Text is made only of what may have changed: objects, and other values than before. */
function seen(question: Question, { scene }: Passage, before: Seen): Seen {
  const answer = question.answer(scene);
  if (answer === undefined) return { value: NOTHING, text: NOTHING };
  if ('thrown' in answer) return { value: NOTHING, text: `throws ${thrownText(answer.thrown)}` };
  const { value } = answer;
  const isPrimitive = value === null || (typeof value !== 'object' && typeof value !== 'function');
  if (isPrimitive && Object.is(value, before.value)) return before;
  return { value, text: textOf(scene.view(value)) };
}

function meets(condition: Condition) {
  let heard = false;
  let thrown: string | undefined;
  let answered = false;
  if (condition.is === 'told') {
    const by = (): boolean => {
      const was = heard;
      heard = false;
      return was;
    };
    const hear: Hear = ({ node, text }) => {
      heard ||= condition.pattern.test(`${node} ${text}`);
    };
    return { by, hear, thrown: () => undefined };
  }
  const question = new Question(condition.node, condition.expression);
  const by = (scene: Scene): boolean => {
    const answer = question.answer(scene);
    if (answer === undefined) return false;
    if ('thrown' in answer) {
      thrown = thrownText(answer.thrown);
      return false;
    }
    answered = true;
    return Boolean(answer.value);
  };
  return { by, hear: undefined, thrown: () => (answered ? undefined : thrown) };
}
