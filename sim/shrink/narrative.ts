/** A run in numbered sentences with virtual times: what a person reads of a story. */
import { siteAt } from '../choice/site.ts';
import { msOfNs } from '../time/units.ts';
import type { RunEvent } from '../trace/event.ts';
import { STEP } from '../trace/record.ts';
import type { NamedDecisions } from '../trace/recorded-run.ts';

export interface NarrativeInput {
  readonly events: readonly RunEvent[];
  /** A story's, with its names of actors; of a whole run they are too many to tell. */
  readonly decisions: Pick<NamedDecisions, 'record' | 'actors'> | undefined;
  readonly endNs: number;
}

interface Sentence {
  readonly atNs: number;
  readonly text: string;
}

/** All of it, each sentence with its number. */
export function narrate(input: NarrativeInput): string[] {
  const sentences = [...lateSteps(input), ...told(input.events)].sort((a, b) => a.atNs - b.atNs);
  const width = String(sentences.length).length;
  return sentences.map(({ atNs, text }, i) => {
    const number = String(i + 1).padStart(width);
    return `${number}. ${msOfNs(atNs).toFixed(3).padStart(10)} ms  ${text}`;
  });
}

function told(events: readonly RunEvent[]): Sentence[] {
  const told = events.filter(({ kind, text }) => kind !== 'note' || !EXPECTED.has(text));
  return told.map(({ kind, atNs, node, text }) => ({
    atNs,
    text: subject(kind, node) + text,
  }));
}

function subject(kind: RunEvent['kind'], node: string): string {
  if (node === '') return '';
  return kind === 'device' ? `${node}: ` : `${node} `;
}

/** What every node does. */
const EXPECTED = new Set(['starts', 'is done']);

/** Steps that did not run at the earliest moment: each is a choice that the failure needs. */
function lateSteps({ decisions, endNs }: NarrativeInput): Sentence[] {
  if (decisions === undefined) return [];
  const { record, actors } = decisions;
  const sentences: Sentence[] = [];
  for (let entry = 0; entry < record.count; entry++) {
    if (record.kind(entry) !== STEP || record.outcome(entry) > endNs) continue;
    const phrase = PHRASES[siteAt(record.site(entry)).name];
    const actor = actors[record.actor(entry)] ?? 'somebody';
    if (phrase !== undefined) sentences.push({ atNs: record.outcome(entry), text: phrase(actor) });
  }
  return sentences;
}

/** By the step's site. Steps of other sites show by what they do. */
const PHRASES: { readonly [site: string]: ((actor: string) => string) | undefined } = {
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
