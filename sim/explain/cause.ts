/** The search for the two steps whose order decides, or the one decision that does. */
import { keyOf } from '../choice/overheard.ts';
import { siteAt } from '../choice/site.ts';
import { BRANCH, type DecisionRecord, VALUE } from '../trace/record.ts';
import { type Entry, entriesOf, moved, movedWithThread, overlaid } from './entries.ts';
import { isOfFaults } from './faults.ts';
import { type Counts, type Flip, firstFlip, isCarrier, isReversed, rivals } from './pair.ts';
import type { Rerun, Reruns } from './reruns.ts';
import { fewest, type Neighbours, neighbours } from './siblings.ts';
import { type SeenStep, Watch } from './watch.ts';

/** A run, what it was made from, and its steps. */
export interface Seen {
  readonly entries: readonly Entry[];
  readonly run: Rerun;
  readonly steps: readonly SeenStep[];
}

/** Two runs with opposite verdicts, and where they part. */
export interface Parting {
  readonly failing: Seen;
  readonly passing: Seen;
  /** What the passing run decides otherwise. */
  readonly differing: readonly Entry[];
  /** Two steps in another order; undefined when every step comes in the same. */
  readonly flip: Flip | undefined;
  /** The passing run is the failing one with these two exchanged and nothing else. */
  readonly shown: boolean;
}

/** Knobs that give steps room to run later. Without them many can only run when they do. */
const ROOM = ['net.latency-spread', 'loop.lag', 'disk.latency-spread'].map(
  (name) => `knob.${name}`,
);
/** More than any knob has. */
const AMPLE = 2 ** 50;

export class Search {
  private readonly reruns: Reruns;
  private readonly placeOf: (step: SeenStep) => string;
  private readonly timed: boolean;
  /** Keys of steps by which nodes have begun, where the failure needs faults. */
  private begun: ReadonlySet<string> | undefined;

  constructor(reruns: Reruns) {
    this.reruns = reruns;
    this.timed = reruns.subject.timed !== false;
    this.placeOf = ({ actor, object = '' }) => (this.timed ? nodeOf(actor) : object);
  }

  /** The failure needs faults: what they do is told apart from the cause beside them. */
  besidesFaults(begun: ReadonlySet<string>): void {
    this.begun = begun;
  }

  /**
   * Beside faults it is no cause that something comes after its node has begun, as in every run, or
   * never, or before its node was started again.
   */
  private countsIn({ steps }: Seen): Counts {
    const { begun, placeOf } = this;
    if (begun === undefined) return () => true;
    const starts = steps.filter(({ site }) => site === 'node.start');
    return ({ first, second }) =>
      second.number > 0 &&
      !begun.has(first.key) &&
      !starts.some(
        (start) =>
          first.number < start.number &&
          start.number <= second.number &&
          placeOf(start) === placeOf(first),
      );
  }

  /** Beside faults it is no cause what they decide, nor that there is work at all. */
  private readonly mayDiffer = ({ site }: Entry): boolean =>
    this.begun === undefined || !isOfWork(siteAt(site).name);

  async see(entries: readonly Entry[] | DecisionRecord): Promise<Seen> {
    const watch = new Watch();
    const run = await this.reruns.of(entries, { watch });
    return { entries: entriesOf(run.record), run, steps: watch.steps };
  }

  /** Two steps of one place, exchanged where they may be; first those around the step `near`. */
  async byMoving(
    failing: Seen,
    { near, runsMax }: { readonly near: number | undefined; readonly runsMax: number },
  ): Promise<Parting | undefined> {
    const until = this.reruns.count + runsMax;
    const base = this.timed ? await this.withRoom(failing) : failing;
    const counts = this.countsIn(base);
    for (const flip of rivals(base.steps, this.placeOf, near)) {
      if (!this.timed && flip.first.actor === flip.second.actor) continue;
      if (!counts(flip)) continue;
      if (this.reruns.count + 2 > until) return undefined;
      const parting = await this.exchanged(base, flip);
      if (parting !== undefined) return parting;
    }
    return undefined;
  }

  /** From a run that passes: what of it is needed, and what comes in another order for that. */
  async bySibling(failing: Seen, passing: Rerun, runsMax: number): Promise<Parting | undefined> {
    const other = entriesOf(passing.record);
    if (!this.timed) return this.part(failing, await this.see(other));
    const answers = await fewest(
      this.reruns,
      failing.entries,
      other.filter(this.mayDiffer),
      runsMax,
    );
    if (answers === undefined) return undefined;
    const found = await neighbours(this.reruns, failing.entries, answers);
    return found && this.parting(found);
  }

  /** Where steps have no moments only their order differs, and there is nothing to leave out of it. */
  private part(failing: Seen, passing: Seen): Parting | undefined {
    const flip = firstFlip(failing.steps, passing.steps, this.placeOf);
    if (flip === undefined) return undefined;
    const differing = passing.entries.filter((entry) => keyOf(entry) === flip.second.key);
    return { failing, passing, differing, flip, shown: false };
  }

  /** From the story with one decision left out. */
  async byLeavingOut(story: readonly Entry[], left: Entry): Promise<Parting | undefined> {
    if (!this.mayDiffer(left)) return undefined;
    const rest = story.filter((entry) => entry !== left);
    const run = await this.reruns.of(rest);
    if (run.outcome !== 'passed') return undefined;
    const calm = entriesOf(run.record).find((entry) => keyOf(entry) === keyOf(left));
    if (calm === undefined) return undefined;
    const found = await neighbours(this.reruns, story, [{ ...left, outcome: calm.outcome }]);
    return found && this.parting(found);
  }

  private async parting({ base, decision, differing }: Neighbours): Promise<Parting> {
    const failing = await this.see(base);
    const passing = await this.see(overlaid(base, [decision]));
    const flip = firstFlip(failing.steps, passing.steps, this.placeOf, this.countsIn(failing));
    const exchanged = flip && (await this.exchanged(failing, flip));
    return { failing, passing, differing, flip, shown: exchanged !== undefined };
  }

  /** The run with these two the other way round, if they can be and it passes. */
  private async exchanged(failing: Seen, flip: Flip): Promise<Parting | undefined> {
    const { entries } = failing;
    const known = new Set(entries.map(keyOf));
    const first = movable(failing.steps, flip.first, known);
    const second = movable(failing.steps, flip.second, known);
    if (first === undefined || second === undefined || first === second) return undefined;
    const move = this.timed ? moved : movedWithThread;
    const ways = [
      move(entries, { step: first, to: second, side: 'after' }),
      move(entries, { step: second, to: first, side: 'before' }),
    ];
    for (const [way, changed] of ways.entries()) {
      const passing = await this.see(changed);
      if (passing.run.outcome !== 'passed' || !isReversed(passing.steps, flip)) continue;
      const step = way === 0 ? first : second;
      const differing = passing.entries.filter((entry) => keyOf(entry) === step);
      return { failing, passing, differing, flip, shown: true };
    }
    return undefined;
  }

  /** The same run where steps could have run later, if it still is the same. */
  private async withRoom(failing: Seen): Promise<Seen> {
    const entries = failing.entries.map((entry) => {
      const { name } = siteAt(entry.site);
      if (entry.kind === BRANCH && ROOM.includes(name)) return { ...entry, outcome: 1 };
      if (entry.kind === VALUE && ROOM.some((knob) => name === `${knob}.size`)) {
        return { ...entry, outcome: AMPLE };
      }
      return entry;
    });
    const roomy = await this.see(entries);
    return roomy.run.outcome === 'same' ? roomy : failing;
  }
}

function isOfWork(site: string): boolean {
  return isOfFaults(site) || site.startsWith('operation.');
}

/** The step that the record knows and that runs this one: itself, or the turn it is part of. */
function movable(
  steps: readonly SeenStep[],
  step: SeenStep,
  known: ReadonlySet<string>,
): string | undefined {
  if (known.has(step.key)) return step.key;
  for (let at = steps.indexOf(step) - 1; at >= 0; at--) {
    if (isCarrier(steps[at]!)) return known.has(steps[at]!.key) ? steps[at]!.key : undefined;
  }
  return undefined;
}

/** On which node an actor's steps run: of a link it is the receiver's. */
function nodeOf(actor: string): string {
  const receiver = actor.slice(actor.indexOf('>') + 1);
  return receiver.split('/', 1)[0]!;
}
