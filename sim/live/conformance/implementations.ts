/** Both implementations of the ports, behind one way to run programs on them. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomWalk } from '../../choice/random.ts';
import { keysOf } from '../../choice/seed.ts';
import type { Env } from '../../env/env.ts';
import { type Address, type ByteStream, NetError } from '../../env/net.ts';
import { guarded } from '../../node/guard/guarded.ts';
import { quietConditions, World } from '../../node/world.ts';
import { inMacrotask } from '../../sched/macrotask.ts';
import { machineNs } from '../clock.ts';
import { LiveEnv } from '../env.ts';
import { hostTable } from '../hosts.ts';
import { JournalFile } from '../journal.ts';
import { AddressBlock } from '../loopback.ts';

/** A node's program, by the node's name. All of them have the role `node`. */
type Bodies = { readonly [name: string]: (env: Env) => Promise<void> };

export interface Implementation {
  readonly name: string;
  /**
   * Runs each body on a node of its own until all have returned. Rejects with what the first of
   * them threw. The simulation calls bodies once per seed.
   */
  run(bodies: Bodies): Promise<void>;
}

const SEEDS = 25;
const MS = 1_000_000;
const STEPS_MAX = 1_000_000;

const simulated: Implementation = {
  name: 'simulated',
  async run(bodies) {
    for (let seed = 1; seed <= SEEDS; seed++) {
      await inMacrotask(() => guarded(() => runWorld(`${seed}`, bodies)));
    }
  },
};

/** A world without faults, in which everything takes a time of its own. */
function runWorld(seed: string, bodies: Bodies): void {
  const conditions = quietConditions();
  Object.assign(conditions.net, { latencyNsMin: MS / 10, latencyNsMax: 10 * MS });
  Object.assign(conditions.disk, { latencyNsMax: 5 * MS });
  conditions.lagNs = MS;
  const world = new World({ strategy: new RandomWalk(keysOf(seed)), conditions });
  let thrown: { error: unknown } | undefined;
  Object.entries(bodies).forEach(([name, body], i) => {
    let returned = false;
    const program = async (env: Env): Promise<void> => {
      // A node that serves is not waited for, but for what it says must hold.
      env.eventually('its body returns', () => returned);
      try {
        await body(env);
        returned = true;
      } catch (error) {
        thrown ??= { error };
        throw error;
      }
    };
    world.addNode({
      name,
      role: 'node',
      index: i + 1,
      program: { load: () => program },
      args: null,
    });
  });
  while (!world.advance(STEPS_MAX)) {}
  world.close();
  if (thrown !== undefined) throw thrown.error;
  if (world.end !== 'completed') {
    const { property = world.end, message = '' } = world.violation ?? {};
    throw new Error(`seed ${seed}: ${property}: ${message}`, { cause: world.violation });
  }
}

const START = { incarnation: 0, nowNs: () => machineNs(0n) };

const live: Implementation = {
  name: 'live',
  async run(bodies) {
    const names = Object.keys(bodies);
    const block = await AddressBlock.claim();
    const hosts = hostTable(Object.fromEntries(names.map((name) => [name, block.next()])));
    const directory = mkdtempSync(join(tmpdir(), 'groundhog-ports-'));
    const nodes = names.map((name, i) => {
      mkdirSync(join(directory, name));
      const journal = new JournalFile(join(directory, `${name}.jsonl`), START);
      const env = new LiveEnv({
        name,
        role: 'node',
        index: i + 1,
        incarnation: 0,
        peers: { node: names },
        hosts,
        directory: join(directory, name),
        witness: { report: (report) => journal.write(report), serves: () => {} },
      });
      return { env, journal };
    });
    try {
      await Promise.all(nodes.map(({ env }) => bodies[env.name]!(env)));
    } finally {
      for (const { env, journal } of nodes) {
        await env.close();
        journal.close();
      }
      block.release();
      rmSync(directory, { recursive: true });
    }
  },
};

export const IMPLEMENTATIONS: readonly Implementation[] = [simulated, live];

/** The code of the error that `act` throws or rejects with. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    const { code, name } = error as { code?: string; name: string };
    return code ?? name;
  }
  return 'no error';
}

/** Connects as soon as somebody listens there. */
export async function connected({ net, timers }: Env, to: Address): Promise<ByteStream> {
  for (;;) {
    try {
      return await net.connect(to);
    } catch (error) {
      if (!(error instanceof NetError && error.code === 'refused')) throw error;
      await timers.sleep(1);
    }
  }
}
