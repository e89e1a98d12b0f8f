/** In the order of their numbers in files: a new one goes to the end. */
export const EVENT_KINDS = [
  'note',
  'fault',
  'device',
  'history',
  'call',
  'timer',
  'decision',
  'log',
  'trace',
  'print',
] as const;

/**
 * - `note`: a node starts, crashes, exits
 * - `fault`: the nemesis acts
 * - `device`: a device does what a story must mention: a datagram is lost, a sector torn
 * - `history`: an operation begins or ends
 * - `call`: a request or a reply arrives, a datagram reaches nobody
 * - `timer`: a timer or an immediate runs
 * - `decision`: a story's own: a step comes late, a program draws
 * - `log`, `trace`, `print`: what programs say by `env.log`, `env.trace` and `console`
 */
export type EventKind = (typeof EVENT_KINDS)[number];

/** What an event is about, as data: for pictures. */
export interface About {
  /** Of a packet that goes no further where it comes from and where it was to go; of a fault those that it befalls. */
  readonly nodes: readonly string[];
  /** Its kind; `all` when all end together. */
  readonly fault?: string;
  /** The fault ends; it begins unless told. */
  readonly ends?: boolean;
}

/** Something worth telling of a run, in the order it happened. */
export interface RunEvent {
  readonly kind: EventKind;
  /** Nanoseconds since the run's start. */
  readonly atNs: number;
  readonly step: number;
  /** The node it happened on; `''` for the world. */
  readonly node: string;
  readonly text: string;
  /** Where in the program it was made; the text has the innermost of them. */
  readonly frames?: readonly string[];
  readonly about?: About;
}
