import type { World } from '../node/world.ts';
import type { Fault } from '../scenario/scenario.gen.ts';

/** What presets choose by. */
export type FaultGroup = 'net' | 'disk' | 'crash' | 'clock' | 'resource';

/** When the n-th of a kind comes: within the first `withinMs` of the n-th `everyMs`, from 0. Virtual ms. */
export interface Rhythm {
  readonly everyMs: number;
  readonly withinMs: number;
}

/** One entry of the catalogue: all that there is to know about a kind of fault. */
export interface FaultKind<Of extends Fault> {
  readonly kind: Of['kind'];
  readonly group: FaultGroup;
  /** The longest period, in virtual ms, in which one of this kind comes. */
  readonly everyMsMax: number;
  /** One that is possible now and within the budget, drawn; undefined when there is none. */
  draw(world: World): Of | undefined;
  /** Names of the nodes it is about: a scenario's timeline may name only nodes that exist. */
  nodes(fault: Of): readonly string[];
  /** Makes it happen; returns what ends it. */
  begin(world: World, fault: Of): () => void;
  /** `cuts replica-1 off from replica-2`: what a story says of it, after the time. */
  describe(fault: Of): string;
}
