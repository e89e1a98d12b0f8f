import { expect, test } from 'vitest';
import type { Env, Program } from '../env/env.ts';
import { trial } from '../node/trial.ts';
import { inMacrotask } from '../sched/macrotask.ts';
import { QUIET_NET } from './link.ts';

const COUNT = 20;

const sender: Program = async ({ net, timers }) => {
  const socket = net.datagrams(0);
  for (let i = 0; i < COUNT; i++) {
    socket.send({ host: 'receiver', port: 7 }, new Uint8Array([i]));
    await timers.sleep(5);
  }
  // A receiver serves, so the run ends with its sender.
  await timers.sleep(2_000);
};

/** Receives for a second, then states these properties of what came. */
function receiver(states: (env: Env, received: readonly number[]) => void): Program {
  return async (env) => {
    const socket = env.net.datagrams(7);
    const received: number[] = [];
    env.timers.after(1_000, () => socket.close());
    try {
      for (;;) received.push((await socket.receive()).bytes[0]!);
    } catch {
      states(env, received);
    }
  };
}

const whole = receiver((env, received) =>
  env.always('all arrive', new Set(received).size === COUNT),
);
const once = receiver((env, received) =>
  env.always('each arrives once', new Set(received).size === received.length),
);
const inOrder = receiver((env, received) =>
  env.always(
    'they arrive in order',
    received.every((value, i) => i === 0 || value >= received[i - 1]!),
  ),
);

/** How many of 30 seeds break the receiver's property under these conditions. */
function broken(program: Program, net: Partial<typeof QUIET_NET>): Promise<number> {
  // Starts may differ by some ms: the sender waits until the receiver listens.
  const late: Program = async (env, args) => {
    await env.timers.sleep(100);
    await sender(env, args);
  };
  const programs = { receiver: { load: () => program }, sender: { load: () => late } };
  return inMacrotask(() => {
    let count = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const run = trial({
        seed: `${seed}`,
        programs,
        conditions: { net: { ...QUIET_NET, ...net } },
      });
      if (run.violation !== undefined) count++;
    }
    return count;
  });
}

// 20 datagrams in each of 30 seeds: none of 600 is hit with a chance below 1e-13.
test.for([
  ['loss', whole, { lossPerMille: 50 }],
  ['duplication', once, { duplicatePerMille: 50 }],
  ['reordering', inOrder, { latencyNsMax: 20_000_000 }],
] as const)('%s happens where it is asked for, and nowhere else', async ([, program, net]) => {
  expect(await broken(program, {})).toBe(0);
  expect(await broken(program, net)).toBeGreaterThan(5);
});

test('loss does not double, duplication does not lose', async () => {
  expect(await broken(once, { lossPerMille: 200 })).toBe(0);
  expect(await broken(whole, { duplicatePerMille: 200 })).toBe(0);
});

const ADDRESS = { host: 'receiver', port: 7 };

/** Changes all that it gets, and says so when somebody else's changes show. */
const vandal: Program = async (env) => {
  const socket = env.net.datagrams(ADDRESS.port);
  for (;;) {
    const { from, bytes } = await socket.receive();
    env.always('nobody has changed it', bytes[0] === 1);
    bytes[0] = 2;
    try {
      (from as { host: string }).host = 'nowhere';
    } catch {
      env.reachable('an address cannot be changed');
    }
  }
};

test('what one node does to a datagram no other node, and no other copy, sees', async () => {
  const sends: Program = async ({ always, net, timers }) => {
    await timers.sleep(100);
    const socket = net.datagrams(0);
    const { host } = socket.address;
    const bytes = new Uint8Array([1]);
    for (let i = 0; i < COUNT; i++) socket.send(ADDRESS, bytes);
    await timers.sleep(100);
    always('its address is its own', socket.address.host === host);
  };
  await inMacrotask(() => {
    const run = trial({
      seed: '1',
      programs: { receiver: { load: () => vandal }, sender: { load: () => sends } },
      conditions: { net: { ...QUIET_NET, duplicatePerMille: 500 } },
    });
    expect(run.violation).toBeUndefined();
  });
});

test('the digest tells to whom a datagram is sent', async () => {
  const deaf: Program = async () => {};
  const digestOf = (host: string): string => {
    const program: Program = async ({ net }) => net.datagrams(0).send({ host, port: 9 }, BYTE);
    const programs = {
      one: { load: () => deaf },
      two: { load: () => deaf },
      three: { load: () => program },
    };
    return trial({ seed: '1', programs }).digest;
  };
  const digests = await inMacrotask(() => ['one', 'two'].map(digestOf));
  expect(digests[0]).not.toBe(digests[1]);
});

const BYTE = new Uint8Array(1);
