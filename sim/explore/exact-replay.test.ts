import { describe, expect, test } from 'vitest';
import { Replay } from '../choice/replay.ts';
import { SEEDED_STRATEGIES } from '../choice/seeded.ts';
import type { Env, Program } from '../env/env.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import { type DecisionRecord, STEP } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';
import { runOne } from './runner.ts';

import { WorldSubject } from './world-run.ts';

const PORT = 7;

/** Answers streams and datagrams, and stores what it hears. */
const server: Program = async (env) => {
  const listener = env.net.listen(PORT);
  const socket = env.net.datagrams(PORT);
  void serveDatagrams(env, socket);
  for (let calls = 0; ; calls++) {
    void answer(env, `call-${calls}`, await listener.accept());
  }
};

async function serveDatagrams(
  env: Env,
  socket: ReturnType<Env['net']['datagrams']>,
): Promise<void> {
  for (;;) {
    const { from, bytes } = await socket.receive();
    env.log.info('a datagram', { from: from.host, bytes });
    socket.send(from, bytes);
  }
}

async function answer(
  env: Env,
  path: string,
  stream: Awaited<ReturnType<Env['net']['connect']>>,
): Promise<void> {
  const file = await env.disk.open(path, 'open-or-create');
  try {
    for (let chunk = await stream.read(); chunk !== undefined; chunk = await stream.read()) {
      await file.write(0, chunk);
      await file.sync();
      await stream.write(chunk);
    }
    stream.end();
  } catch {
    env.log.info('a client is gone');
  } finally {
    await file.close();
  }
}

/** Looks at the clock until it has moved on, so that steps which are due meanwhile run late. */
function waitBusily(env: Env, forMs: number): void {
  const untilMs = env.clock.monotonicMs() + forMs;
  while (env.clock.monotonicMs() < untilMs);
}

/** Two streams at once to each server, and datagrams besides. */
const client: Program = async (env) => {
  const socket = env.net.datagrams(0);
  void (async () => {
    for (;;) env.log.info('heard', { bytes: (await socket.receive()).bytes });
  })();
  for (let round = 0; round < 6; round++) {
    await env.timers.sleep(env.random.integer('client.pause', { min: 1, max: 300 }));
    const talks = env.peers('server').flatMap((host) => {
      socket.send({ host, port: PORT }, new Uint8Array([round]));
      return [talk(env, host, round), talk(env, host, round)];
    });
    waitBusily(env, 5);
    await Promise.allSettled(talks);
  }
};

async function talk(env: Env, host: string, round: number): Promise<void> {
  const stream = await env.net.connect({ host, port: PORT });
  for (let i = 0; i < 3; i++) await stream.write(new Uint8Array([round, i]));
  env.log.info('an answer', { bytes: (await stream.read()) ?? null });
  if (round % 2 === 0) stream.end();
  else stream.abort();
}

const subject = new WorldSubject({
  name: 'everything',
  faults: 'chaos',
  timeline: [],
  forMs: 1_500,
  livenessMs: 60_000,
  populate(world) {
    for (const [role, program] of Object.entries({ server, client })) {
      for (const index of [1, 2]) {
        const load = (): Program => program;
        world.addNode({ name: `${role}-${index}`, role, index, args: null, program: { load } });
      }
    }
  },
});

/** What two runs share that are the same. */
function fingerprint({ verdict, digest, steps, virtualMs, failure }: RunResult): unknown {
  return { verdict, digest, steps, virtualMs, property: failure?.property, step: failure?.step };
}

/** Identities of steps that the record has twice: a replay could only know one of them. */
function twice(record: DecisionRecord): string[] {
  const seen = new Set<string>();
  const again: string[] = [];
  for (let entry = 0; entry < record.count; entry++) {
    if (record.kind(entry) !== STEP) continue;
    const identity = `${record.lo(entry)} ${record.hi(entry)}`;
    if (seen.has(identity)) again.push(identity);
    seen.add(identity);
  }
  return again;
}

const SEEDS = 12;
const FAULTS: readonly FaultPreset[] = ['none', 'net', 'chaos'];

describe.for(SEEDED_STRATEGIES)('a record made by %s', (strategy) => {
  test.for(FAULTS)('replays exactly under %s', async (faults) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const spec = { seed: `${seed}`, strategy, faults };
      const { result, record } = await runOne(subject, spec);
      expect(twice(record!), `steps of seed ${seed}`).toEqual([]);
      const replayed = await runOne(subject, { ...spec, replay: new Replay(record!) });
      expect(fingerprint(replayed.result), `seed ${seed}`).toEqual(fingerprint(result));
    }
  });
});
