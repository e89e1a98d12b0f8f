/** What supervisor and node tell each other over the IPC channel. Facts about a run are in the journal. */
import type { Plain } from '../env/net.ts';
import type { ProgramPlace } from './program.ts';
import type { NodeState } from './properties.ts';

/** All that a node's process needs to know. */
export interface NodeConfig {
  readonly name: string;
  readonly role: string;
  readonly index: number;
  readonly incarnation: number;
  readonly peers: { readonly [role: string]: readonly string[] };
  readonly program: ProgramPlace;
  readonly args: Plain;
  readonly hostsFile: string;
  readonly diskDirectory: string;
  readonly journalFile: string;
  /** Of the journals' clock: nanoseconds of CLOCK_MONOTONIC. */
  readonly originNs: bigint;
  /** `stderr`: what the program logs is shown there too, in readable lines. */
  readonly log: 'journal' | 'stderr';
  /** Of what the program draws. */
  readonly seed: string;
}

/** From the supervisor. */
export type Order =
  /** The first one. */
  | { readonly order: 'run'; readonly config: NodeConfig }
  /** Answered by `state`. */
  | { readonly order: 'show' }
  /** Operations that have not begun are dropped from now on. */
  | { readonly order: 'wind-down' };

/** From a node. */
export type Word =
  /** The module has no such program. */
  | { readonly word: 'unusable'; readonly message: string }
  /** The program asks for native memory, and there is no binary. */
  | { readonly word: 'no-memory' }
  /** The program was loaded and called. */
  | { readonly word: 'started' }
  /** It answers others. */
  | { readonly word: 'serves' }
  /** Its main function has returned; `operations` it had run by then. */
  | { readonly word: 'finished'; readonly operations: number; readonly state: NodeState }
  | { readonly word: 'state'; readonly state: NodeState }
  /** The journal tells of something broken. */
  | { readonly word: 'broken' };
