/** Two runs, one failing and one not: which two steps they take in another order. */
import type { SeenStep } from './watch.ts';

export interface Flip {
  /** The earlier one in the failing run. */
  readonly first: SeenStep;
  /** Its number is 0 where the failing run never comes to it. */
  readonly second: SeenStep;
}

/** What runs the callbacks that are steps of their own: it does nothing itself. */
const CARRIERS: ReadonlySet<string> = new Set(['loop.turn', 'loop.opening']);

export function isCarrier({ site }: SeenStep): boolean {
  return CARRIERS.has(site);
}

/** Whether the program does something in it: the nemesis is told of on its own. */
function isOfProgram(step: SeenStep): boolean {
  return !isCarrier(step) && !step.site.startsWith('fault.');
}

/** Which pairs count. */
export type Counts = (flip: Flip) => boolean;

/** Steps beyond the first difference among which a pair is looked for. */
const WINDOW = 100;

/**
 * The first two steps that the passing run takes in the other order. Of one place where there are such;
 * else a step that the failing run never came to, and one there that came before it could; else of two
 * places. Undefined when no two steps change their order.
 */
export function firstFlip(
  failing: readonly SeenStep[],
  passing: readonly SeenStep[],
  placeOf: (step: SeenStep) => string,
  counts: Counts = () => true,
): Flip | undefined {
  const a = failing.filter(isOfProgram);
  const b = passing.filter(isOfProgram);
  const from = a.findIndex(({ key }, place) => key !== b[place]?.key);
  if (from < 0) return undefined;
  const flips = exchanged(a.slice(from, from + WINDOW), b).filter(counts);
  const together = ({ first, second }: Flip): boolean => placeOf(first) === placeOf(second);
  return (
    flips.find(together) ??
    prevented(a.slice(from), b.slice(from, from + WINDOW))
      .filter(counts)
      .find(together) ??
    flips[0]
  );
}

/** Pairs in this order here and in the other one there, by their second step, the closest first. */
function exchanged(here: readonly SeenStep[], there: readonly SeenStep[]): Flip[] {
  const places = new Map(there.map(({ key }, place) => [key, place]));
  const flips: Flip[] = [];
  for (const [later, second] of here.entries()) {
    const secondPlace = places.get(second.key);
    if (secondPlace === undefined) continue;
    for (const first of here.slice(0, later).reverse()) {
      const firstPlace = places.get(first.key);
      if (firstPlace !== undefined && firstPlace > secondPlace) flips.push({ first, second });
    }
  }
  return flips;
}

/** Steps that are only there, each with one of another actor that is only after it there. */
function prevented(here: readonly SeenStep[], there: readonly SeenStep[]): Flip[] {
  const ran = new Set(here.map(({ key }) => key));
  const places = new Map(there.map(({ key }, place) => [key, place]));
  const flips: Flip[] = [];
  for (const [place, second] of there.entries()) {
    if (ran.has(second.key)) continue;
    for (const first of here) {
      if (first.actor !== second.actor && (places.get(first.key) ?? Infinity) > place) {
        flips.push({ first, second: { ...second, number: 0 } });
      }
    }
  }
  return flips;
}

/** Where both runs took the same steps so far. */
export function sharedSteps(a: readonly SeenStep[], b: readonly SeenStep[]): number {
  let shared = 0;
  while (shared < a.length && a[shared]!.key === b[shared]?.key) shared++;
  return shared;
}

/** Whether the run takes `first` after `second`, both of them. */
export function isReversed(run: readonly SeenStep[], { first, second }: Flip): boolean {
  const one = run.findIndex(({ key }) => key === first.key);
  const other = run.findIndex(({ key }) => key === second.key);
  return other >= 0 && one > other;
}

/**
 * Pairs of steps of one place, neither of which leads to the other, whose order might matter: those
 * with none of their place in between, then with one, and so on; first those that are close to each
 * other and to the step number `near`, where the run was decided, if that is known.
 */
export function* rivals(
  steps: readonly SeenStep[],
  placeOf: (step: SeenStep) => string,
  near: number | undefined,
): Generator<Flip> {
  const byPlace = new Map<string, SeenStep[]>();
  for (const step of steps) {
    if (!isOfProgram(step)) continue;
    const place = placeOf(step);
    const there = byPlace.get(place);
    if (there === undefined) byPlace.set(place, [step]);
    else there.push(step);
  }
  const byNumber = new Map(steps.map((step) => [step.number, step]));
  const leadsTo = (first: SeenStep, second: SeenStep): boolean => {
    let step: SeenStep | undefined = second;
    while (step !== undefined && step.number > first.number) step = byNumber.get(step.cause);
    return step === first;
  };
  const farOf = ({ first, second }: Flip): number => {
    const gap = second.number - first.number;
    if (near === undefined) return gap;
    return gap + Math.min(Math.abs(first.number - near), Math.abs(second.number - near));
  };
  for (let apart = 1; apart <= APART_MAX; apart++) {
    const pairs: Flip[] = [];
    for (const there of byPlace.values()) {
      for (let at = 0; at + apart < there.length; at++) {
        const [first, second] = [there[at]!, there[at + apart]!];
        if (!leadsTo(first, second)) pairs.push({ first, second });
      }
    }
    pairs.sort((a, b) => farOf(a) - farOf(b) || b.second.number - a.second.number);
    yield* pairs;
  }
}

const APART_MAX = 4;
