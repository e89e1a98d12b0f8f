/**
 * From a told run to what is drawn of it: a lane for each node, a row for each sentence, and time that
 * goes down. Each sentence takes the same room however long the time before it was, so that the
 * picture stands beside the sentences, and a row is one thing.
 *
 *     replica-1  replica-2
 *         │          │
 *         ●          │       1.   1.000 ms  replica-1 …
 *         │╲         │
 *         ┊ ╲        ╪       2.   1.400 ms  the nemesis …   (┊ down, ╪ cut off)
 *         ┊  ╲──────▶●       3.   2.150 ms  replica-2 gets … from replica-1
 *
 * A packet is drawn where a sentence tells of its arrival. What no sentence tells of is not drawn, and
 * of a long story what lies between its beginning, its end and its faults is folded: what befalls nodes
 * goes on, the rows are one.
 */

import type { RunEvent } from '../../sim/trace/event.ts';
import type { RecordedStep } from '../../sim/trace/full-record.ts';
import type { Told, ToldSentence } from '../told.ts';

/** What a node is under, the worst first. */
export const STATES = ['down', 'cut', 'strained', 'well'] as const;
export type State = (typeof STATES)[number];

/** A packet on its way to a row. */
export interface Arrow {
  /** Lanes. */
  readonly from: number;
  readonly to: number;
  /** Rows that it passes: where it was sent lies so far above the row. */
  readonly rows: number;
  readonly arrives: boolean;
}

export interface Row {
  /** Undefined of the fold. */
  readonly sentence: ToldSentence | undefined;
  /** Of the fold: how many sentences are left out. */
  readonly folded: number;
  /** By lane, above the row's middle and below. */
  readonly before: readonly State[];
  readonly after: readonly State[];
  /** Lanes on which it happens. */
  readonly marks: readonly number[];
  readonly arrow: Arrow | undefined;
}

export interface Drawing {
  readonly lanes: readonly string[];
  readonly rows: readonly Row[];
}

/** Sentences that are shown of one story. */
const ROWS_MAX = 300;
/** Of these, from the story's beginning, and from its end, where it fails; the others from between. */
const BEGINNING = 60;
const END = 180;

export function drawingOf(told: Told): Drawing {
  const { sentences } = told;
  const shown = shownOf(sentences);
  const list = sentences.filter((sentence) => shown.has(sentence));
  const happening = happeningsOf(told, list);
  const lanes = lanesOf(told, happening.values());
  const rows = new Rows(lanes);
  let folded: ToldSentence[] = [];
  for (const sentence of sentences) {
    const its = happening.get(sentence);
    if (its === undefined) {
      folded.push(sentence);
      continue;
    }
    if (folded.length > 0) rows.fold(folded);
    folded = [];
    rows.add(sentence, its);
  }
  return { lanes, rows: rows.rows };
}

/** Of a long story the beginning, the end, and of what lies between faults, then other decisions. */
function shownOf(sentences: readonly ToldSentence[]): ReadonlySet<ToldSentence> {
  if (sentences.length <= ROWS_MAX) return new Set(sentences);
  const between = sentences.slice(BEGINNING, -END);
  const of = (kind: RunEvent['kind']): ToldSentence[] =>
    between.filter(({ event }) => event.kind === kind);
  const told = [...of('fault'), ...of('decision'), ...of('history')];
  return new Set([
    ...sentences.slice(0, BEGINNING),
    ...told.slice(0, ROWS_MAX - BEGINNING - END),
    ...sentences.slice(-END),
  ]);
}

/** Where a sentence's event happens, by names. */
interface Happening {
  readonly nodes: readonly string[];
  readonly packet: Packet | undefined;
}

interface Packet {
  readonly from: string;
  readonly to: string;
  /** The step that sent it. */
  readonly sentIn: number;
  readonly arrives: boolean;
}

function happeningsOf(
  { steps, nodes }: Told,
  sentences: readonly ToldSentence[],
): ReadonlyMap<ToldSentence, Happening> {
  const told = new Set(sentences.map(({ event }) => event.step));
  const byNumber = new Map<number, RecordedStep>();
  for (const step of steps) {
    if (told.has(step.number) && !byNumber.has(step.number)) byNumber.set(step.number, step);
  }
  const arrived = new Set<number>();
  const happening = new Map<ToldSentence, Happening>();
  for (const sentence of sentences) {
    const { event } = sentence;
    const step = byNumber.get(event.step);
    const packet = event.kind === 'fault' ? undefined : (lost(event) ?? arriving(event, step));
    // Of all that a packet makes happen the first is where it arrives.
    const isMore = packet?.arrives === true && arrived.has(event.step);
    if (packet?.arrives) arrived.add(event.step);
    happening.set(sentence, {
      nodes:
        packet === undefined ? placesOf(event, step, nodes) : packet.arrives ? [packet.to] : [],
      packet: isMore ? undefined : packet,
    });
  }
  return happening;
}

/** Who an event happens to; it may be the one whose step it is. */
function placesOf(
  { node, about }: RunEvent,
  step: RecordedStep | undefined,
  nodes: readonly string[],
): readonly string[] {
  if (node !== '') return [node];
  return about?.nodes ?? nodes.filter((name) => name === step?.actor);
}

/** An event of the network's about the two ends of a packet: it goes no further. */
function lost({ about, node, step }: RunEvent): Packet | undefined {
  const [from, to] = about?.nodes ?? [];
  if (node !== '' || from === undefined || to === undefined) return undefined;
  return { from, to, sentIn: step, arrives: false };
}

function arriving({ node }: RunEvent, step: RecordedStep | undefined): Packet | undefined {
  const [from, to] = step?.actor.split('>') ?? [];
  if (step === undefined || from === undefined || to === undefined || from === to) return undefined;
  if (node !== '' && node !== to) return undefined;
  return { from, to, sentIn: step.cause, arrives: true };
}

/** Those that something happens on, in the order of the run's nodes; others that are named follow. */
function lanesOf({ nodes, result }: Told, happening: Iterable<Happening>): string[] {
  const named = new Set(result.failure?.nodes);
  for (const { nodes, packet } of happening) {
    for (const name of nodes) named.add(name);
    if (packet !== undefined) named.add(packet.from).add(packet.to);
  }
  return [...nodes.filter((name) => named.delete(name)), ...named];
}

/** Rows one after another, with what nodes are under. */
class Rows {
  readonly rows: Row[] = [];
  private readonly laneOf: ReadonlyMap<string, number>;
  private readonly nodes: NodeStates;
  /** By row, the last step that it tells of. */
  private readonly steps: number[] = [];

  constructor(lanes: readonly string[]) {
    this.laneOf = new Map(lanes.map((name, lane) => [name, lane]));
    this.nodes = new NodeStates(lanes);
  }

  add(sentence: ToldSentence, { nodes, packet }: Happening): void {
    const { event } = sentence;
    const arrow = packet && this.arrowOf(packet);
    const marks = nodes.flatMap((name) => this.laneOf.get(name) ?? []);
    this.push([event], { sentence, folded: 0, marks, arrow });
  }

  fold(sentences: readonly ToldSentence[]): void {
    const events = sentences.map(({ event }) => event);
    this.push(events, { sentence: undefined, folded: events.length, marks: [], arrow: undefined });
  }

  private push(events: readonly RunEvent[], row: Omit<Row, 'before' | 'after'>): void {
    const before = this.nodes.now;
    for (const event of events) this.nodes.take(event);
    this.rows.push({ ...row, before, after: this.nodes.now });
    this.steps.push(events.at(-1)!.step);
  }

  private arrowOf({ from, to, sentIn, arrives }: Packet): Arrow | undefined {
    const [left, right] = [this.laneOf.get(from), this.laneOf.get(to)];
    if (left === undefined || right === undefined) return undefined;
    if (!arrives) return { from: left, to: right, rows: 0, arrives };
    const above = this.steps.findLastIndex((step) => step <= sentIn);
    const isTold = above >= 0 && this.steps[above] === sentIn && this.rows[above]!.folded === 0;
    const rows = this.rows.length - above - (isTold ? 0 : 0.5);
    return { from: left, to: right, rows, arrives };
  }
}

const CUTS: ReadonlySet<string> = new Set(['split', 'isolate', 'bridge']);

/** What befalls each lane's node, from event to event. */
class NodeStates {
  /** By lane. */
  now: readonly State[];
  private readonly lanes: readonly string[];
  private readonly down = new Set<string>();
  /** Faults under way, by node: their kinds. */
  private readonly under = new Map<string, readonly string[]>();

  constructor(lanes: readonly string[]) {
    this.lanes = lanes;
    this.now = lanes.map(() => 'well');
  }

  take({ kind, node, text, about }: RunEvent): void {
    if (kind === 'note' && text === 'restarts') this.down.delete(node);
    if (kind === 'fault' && about?.fault !== undefined) {
      const { fault, ends, nodes } = about;
      if (fault === 'all') this.heal(nodes);
      else if (ends) this.end(fault, nodes);
      else this.begin(fault, nodes);
    }
    this.now = this.lanes.map((name) => this.stateOf(name));
  }

  private begin(fault: string, nodes: readonly string[]): void {
    for (const node of nodes) {
      if (fault === 'crash') this.down.add(node);
      // The wall clock is set once, and stays as it is.
      else if (fault !== 'clock-jump') this.under.set(node, [...this.faults(node), fault]);
    }
  }

  private end(fault: string, nodes: readonly string[]): void {
    for (const node of nodes) {
      const faults = this.faults(node);
      const at = faults.indexOf(fault);
      this.under.set(
        node,
        faults.filter((_, index) => index !== at),
      );
    }
  }

  /** Of all nodes where none is named. */
  private heal(nodes: readonly string[]): void {
    for (const node of nodes.length === 0 ? [...this.under.keys()] : nodes) this.under.delete(node);
  }

  private faults(node: string): readonly string[] {
    return this.under.get(node) ?? [];
  }

  private stateOf(name: string): State {
    if (this.down.has(name)) return 'down';
    const faults = this.faults(name);
    if (faults.some((fault) => CUTS.has(fault))) return 'cut';
    return faults.length > 0 ? 'strained' : 'well';
  }
}
