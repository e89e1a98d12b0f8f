/** Hears what a run tells, and which of a story's decisions it meets: those are told too. */
import { type Hear, keyOf, Overheard, stepKey } from '../choice/overheard.ts';
import type { Strategy } from '../choice/strategy.ts';
import { KNOBS_IN_WORDS } from '../fault/knobs.ts';
import { FRAMES_MAX, programFrames } from '../node/guard/stack-trace.ts';
import type { BegunStep, StepWatcher } from '../sched/kernel.ts';
import type { RunEvent } from '../trace/event.ts';
import type { DecisionRecord } from '../trace/record.ts';
import { amountDrawn, isOfProgram } from './drawn.ts';

/** To be given to a run as its watcher, with `onEvent` and the strategy from `overhearing`. */
export class Telling implements StepWatcher {
  /** So far, in the order of their steps. */
  readonly events: RunEvent[] = [];
  /** Keys of those decisions. */
  private readonly decisions = new Set<string>();
  /** Names of this run's actors: a story's may have been numbered while more nodes were there. */
  private readonly actors = new Map<number, string>();
  private step = { number: 0, atNs: 0 };

  /** `decisions` are a story's; those of a whole run are too many to tell. */
  constructor(record?: DecisionRecord) {
    if (record === undefined) return;
    for (let entry = 0; entry < record.count; entry++) {
      const key = keyOf({
        kind: record.kind(entry),
        site: record.site(entry),
        lo: record.lo(entry),
        hi: record.hi(entry),
        ordinal: record.ordinal(entry),
      });
      this.decisions.add(key);
    }
  }

  readonly onEvent = (event: RunEvent): void => {
    this.events.push(event);
  };

  overhearing(strategy: Strategy): Strategy {
    if (this.decisions.size === 0) return strategy;
    return new Overheard(strategy, this.hear, (actor, name) => this.actors.set(actor, name));
  }

  /** A step that did not run at the earliest moment is a choice that the failure needs. */
  began({ number, atNs, lo, hi, site, actor }: BegunStep): void {
    this.step = { number, atNs };
    const phrase = this.decisions.has(stepKey(lo, hi)) ? LATE[site] : undefined;
    if (phrase !== undefined) this.told('', phrase(this.nameOf(actor)));
  }

  private readonly hear: Hear = ({ key, site, actor, outcome }) => {
    if (!this.decisions.has(key)) return;
    const knob = outcome === 0 ? undefined : KNOBS_IN_WORDS.get(site.name);
    if (knob !== undefined) this.told('', `in this run ${knob}`);
    if (!isOfProgram(site)) return;
    const frames = programFrames(FRAMES_MAX);
    const where = frames.length === 0 ? '' : ` at ${frames[0]}`;
    const amount = amountDrawn(site.name, outcome);
    const text =
      site.name === 'buggify'
        ? `meets its buggify${where}`
        : `draws ${amount === undefined ? '' : `${amount} `}from ${site.name}${where}`;
    const last = this.events.at(-1);
    // Bytes are drawn some at a time.
    if (amount === undefined && last?.text === text && last.step === this.step.number) return;
    this.told(this.nameOf(actor), text, frames);
  };

  private nameOf(actor: number): string {
    return this.actors.get(actor) ?? 'somebody';
  }

  private told(node: string, text: string, frames?: readonly string[]): void {
    const { number: step, atNs } = this.step;
    this.events.push({ kind: 'decision', atNs, step, node, text, ...(frames && { frames }) });
  }
}

/** By the step's site. Steps of other sites show by what they do. */
const LATE: { readonly [site: string]: ((actor: string) => string) | undefined } = {
  'net.deliver': (link) => `a late packet ${alongLink(link)} arrives`,
  'net.segment': (link) => `late bytes ${alongLink(link)} arrive`,
  'loop.turn': (node) => `${node} gets to its timers late`,
  'disk.effect': (node) => `a slow disk call of ${node} takes effect`,
  'disk.completion': (node) => `a slow disk call of ${node} completes`,
  'node.start': (node) => `${node} starts late`,
};

function alongLink(link: string): string {
  const [from, to] = link.split('>');
  return `from ${from} to ${to}`;
}
