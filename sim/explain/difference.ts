/** One decision that two runs take differently, in words. */

import { keyOf, stepKey } from '../choice/overheard.ts';
import { siteAt } from '../choice/site.ts';
import { amountDrawn } from '../shrink/drawn.ts';
import { msOfNs } from '../time/units.ts';
import { BRANCH, DECISION_KINDS, STEP } from '../trace/record.ts';
import type { Entry } from './entries.ts';
import type { SeenStep } from './watch.ts';

export interface Difference {
  readonly kind: (typeof DECISION_KINDS)[number];
  readonly site: string;
  readonly actor: string;
  /** Undefined where the failing run does not come to it. */
  readonly failing: number | undefined;
  readonly passing: number;
  readonly words: string;
}

export interface Differing {
  /** As the passing run has them. */
  readonly entries: readonly Entry[];
  /** Of the failing run. */
  readonly failing: readonly Entry[];
  /** Of both, for their words. */
  readonly steps: readonly SeenStep[];
  /** Who asks for a decision that is no step; empty where nobody does. */
  readonly actorOf: (entry: Entry) => string;
}

export function differencesOf({ entries, failing, steps, actorOf }: Differing): Difference[] {
  const known = new Map(failing.map((entry) => [keyOf(entry), entry.outcome]));
  const seen = new Map(steps.map((step) => [step.key, step]));
  return entries.map((entry) => {
    const site = siteAt(entry.site).name;
    const before = known.get(keyOf(entry));
    const step = seen.get(stepKey(entry.lo, entry.hi));
    const actor = entry.kind === STEP && step !== undefined ? step.actor : actorOf(entry);
    return {
      kind: DECISION_KINDS[entry.kind]!,
      site,
      actor,
      failing: before,
      passing: entry.outcome,
      words: inWords(entry, { site, actor, before, step }),
    };
  });
}

interface Around {
  readonly site: string;
  readonly actor: string;
  readonly before: number | undefined;
  readonly step: SeenStep | undefined;
}

function inWords(entry: Entry, around: Around): string {
  return entry.kind === STEP ? momentInWords(entry, around) : outcomeInWords(entry, around);
}

function momentInWords({ outcome }: Entry, { site, actor, before, step }: Around): string {
  const what = step === undefined ? `${asker(actor)}${site}` : stepInWords(step);
  if (before === undefined) return `${what}, at ${ms(outcome)}`;
  if (before === outcome) return `${what}, in another order`;
  if (Math.abs(outcome - before) === 1) {
    return `${what}, ${outcome > before ? 'later' : 'earlier'} than at ${ms(before)}`;
  }
  return `${what}, at ${ms(outcome)} instead of ${ms(before)}`;
}

function outcomeInWords({ kind, outcome }: Entry, { site, actor, before }: Around): string {
  const told = OUTCOMES[site]?.[outcome];
  if (told !== undefined) return `${site.startsWith('fault.') ? '' : asker(actor)}${told}`;
  if (before !== undefined && site === 'Math.random' && Math.abs(outcome - before) === 1) {
    const more = outcome > before ? 'more' : 'less';
    return `${asker(actor)}${site} gives ${more} than ${amountDrawn(site, before) ?? before}`;
  }
  const instead = before === undefined ? '' : ` instead of ${amountDrawn(site, before) ?? before}`;
  const label = kind === BRANCH ? `${site} takes outcome` : `${site} gives`;
  return `${asker(actor)}${label} ${amountDrawn(site, outcome) ?? outcome}${instead}`;
}

function asker(name: string): string {
  return name === '' ? '' : `${name}: `;
}

/** Branches of ours whose outcomes mean something to people, by the number of the outcome. */
const OUTCOMES: { readonly [site: string]: readonly string[] | undefined } = {
  'disk.crash.file': [
    'the crash keeps what a file had not synced',
    'the crash loses what a file had not synced',
    'the crash loses parts of what a file had not synced',
  ],
  'fault.happens': ['a fault does not happen', 'a fault happens'],
  'operation.happens': ['an operation does not happen', 'an operation happens'],
};

function ms(ns: number): string {
  return `${msOfNs(ns).toFixed(3)} ms`;
}

/** What happens in the step; where nothing is told of it, what it is. */
export function stepInWords({ words, site, actor }: SeenStep): string {
  if (words.length > 0) return words.slice(0, WORDS_MAX).join('; ');
  const phrase = PHRASES[site];
  return phrase === undefined ? `${actor} runs a step (${site})` : phrase(actor);
}

const WORDS_MAX = 3;

const PHRASES: { readonly [site: string]: ((actor: string) => string) | undefined } = {
  'net.deliver': (link) => `a packet ${alongLink(link)} arrives`,
  'net.segment': (link) => `bytes ${alongLink(link)} arrive`,
  'loop.turn': (node) => `${node} gets to its timers`,
  'loop.opening': (node) => `${node} has run its main script`,
  timer: (node) => `a timer of ${node} fires`,
  immediate: (node) => `an immediate of ${node} runs`,
  operation: (node) => `${node} begins its next operation`,
  'operation.pause': (node) => `${node} begins its next operation`,
  'disk.effect': (node) => `a disk call of ${node} takes effect`,
  'disk.completion': (node) => `a disk call of ${node} completes`,
  'node.start': (node) => `${node} starts`,
  'fault.next': () => 'the nemesis may act',
  'fault.end': () => 'a fault ends',
};

function alongLink(link: string): string {
  const [from, to] = link.split('>');
  return `from ${from} to ${to}`;
}
