/** Who may be killed, and when. */
import type { Random } from '../env/random.ts';

/** What is asked about a node. */
export interface Target {
  readonly role: string;
  /** It is up and answers others. */
  readonly serves: boolean;
}

/** How many nodes of a role may be down at a time: what its majority can do without, at least one. */
export function downMax(count: number): number {
  return Math.max(1, Math.floor((count - 1) / 2));
}

/** Roles whose nodes serve, each with how many of them may be down. */
export function targets(nodes: readonly Target[]): Map<string, number> {
  const serving = new Set(nodes.filter(({ serves }) => serves).map(({ role }) => role));
  return new Map(
    [...serving].map((role) => [role, downMax(nodes.filter((node) => node.role === role).length)]),
  );
}

/** One of the role's nodes that may go down now, if any may. */
export function victim<Node extends Target>(
  nodes: readonly Node[],
  role: string,
  random: Random,
): Node | undefined {
  const peers = nodes.filter((node) => node.role === role);
  const serving = peers.filter(({ serves }) => serves);
  const down = peers.length - serving.length;
  if (serving.length === 0 || down >= downMax(peers.length)) return undefined;
  return random.pick('live.victim', serving);
}

/**
 * Within a period: how long after its start a node is killed, and how long it then stays down. What
 * is left, a quarter at least, is for it to come up again before the next one.
 */
export function strokeOf(everyMs: number, random: Random): { afterMs: number; downMs: number } {
  const latestMs = Math.floor(0.75 * everyMs);
  const afterMs = random.integer('live.kill', { min: 0, max: Math.floor(latestMs / 2) });
  const downMs = random.integer('live.down', { min: 0, max: latestMs - afterMs });
  return { afterMs, downMs };
}
