/** The rows `kernel/…` of `npm run bench`: steps, sleeps, round trips and worlds a second. */
import { RandomWalk } from '../choice/random.ts';
import { keysOf } from '../choice/seed.ts';
import type { Program } from '../env/env.ts';
import type { ByteStream } from '../env/net.ts';
import { World, type WorldOptions } from '../node/world.ts';
import { Digest } from '../sched/digest.ts';
import { drain } from '../sched/drain.ts';
import type { Rows } from '../trace/bench-row.ts';
import { DecisionRecord } from '../trace/record.ts';
import { ratesOf, type Work } from './measure.ts';

export async function* rows(): Rows {
  const step = await ratesOf([BARE_ASYNC, BARE_CALLBACK, ASYNC, ASYNC_WITHOUT_DIGEST]);
  const bareAsync = step.get(BARE_ASYNC.name)!;
  const async = step.get(ASYNC.name)!;
  const rate = { unit: 'steps/s', better: 'higher', scales: 'rate' } as const;
  yield { name: 'kernel/bare-async', raw: bareAsync, ...rate };
  yield { name: 'kernel/bare-callback', raw: step.get(BARE_CALLBACK.name)!, ...rate };
  yield {
    name: 'kernel/async',
    raw: async / bareAsync,
    unit: 'of kernel/bare-async',
    better: 'higher',
    scales: 'none',
    target: '>= 0.5',
    against: 'kernel/bare-async',
  };
  yield {
    name: 'kernel/digest-cost',
    raw: 1 - async / step.get(ASYNC_WITHOUT_DIGEST.name)!,
    unit: 'of a step',
    better: 'lower',
    scales: 'none',
    target: '<= 0.10',
    against: 'kernel/async without a digest',
  };
  const rates = await ratesOf([SLEEPS, DATAGRAMS, STREAMS, RING_2, RING_1000, FLOOR]);
  const row = (work: Work, unit: string, target: string) =>
    ({
      name: work.name,
      raw: rates.get(work.name)!,
      unit,
      better: 'higher',
      scales: 'rate',
      target,
    }) as const;
  yield row(SLEEPS, 'sleeps/s', '>= 3,000,000');
  yield row(DATAGRAMS, 'round trips/s', '>= 600,000');
  yield row(STREAMS, 'round trips/s', '>= 400,000');
  yield {
    name: RING_1000.name,
    raw: rates.get(RING_1000.name)! / rates.get(RING_2.name)!,
    unit: 'of a ring of 2',
    better: 'higher',
    scales: 'none',
    target: '>= 0.5',
    against: RING_2.name,
  };
  yield row(FLOOR, 'worlds/s', '>= 20,000');
}

/** Steps a second of the row `kernel/bare-async`, which tells how fast a machine is. */
export async function bareAsync(): Promise<number> {
  return (await ratesOf([BARE_ASYNC])).get(BARE_ASYNC.name)!;
}

/** 10,000 tasks that sleep in a loop on a typed-array binary heap: the least any kernel must do. */
const TASKS = 10_000;
const STEPS = 300_000;

const BARE_ASYNC: Work = {
  name: 'kernel/bare-async',
  run() {
    const loop = new BareLoop();
    for (let task = 0; task < TASKS; task++) void loop.sleepForEver(task);
    for (let step = 0; step < STEPS; step++) {
      loop.next();
      drain();
    }
    return STEPS;
  },
};

const BARE_CALLBACK: Work = {
  name: 'kernel/bare-callback',
  run() {
    const loop = new BareLoop();
    for (let task = 0; task < TASKS; task++) loop.callForEver(task);
    for (let step = 0; step < STEPS; step++) loop.next();
    return STEPS;
  },
};

class BareLoop {
  private readonly times = new Float64Array(TASKS);
  private readonly sequences = new Int32Array(TASKS);
  private readonly tasks = new Int32Array(TASKS);
  private readonly wakes: (() => void)[] = [];
  private size = 0;
  private sequence = 0;
  private now = 0;
  private random = 12_345;

  async sleepForEver(task: number): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => {
        this.wakes[task] = resolve;
        this.push(task);
      });
    }
  }

  callForEver(task: number): void {
    this.wakes[task] = () => this.push(task);
    this.push(task);
  }

  next(): void {
    this.now = this.times[0]!;
    this.wakes[this.pop()]!();
  }

  private push(task: number): void {
    const { times, sequences, tasks } = this;
    const time = this.now + 1 + (this.draw() % 1000);
    const sequence = this.sequence++;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent]! <= time) break;
      times[at] = times[parent]!;
      sequences[at] = sequences[parent]!;
      tasks[at] = tasks[parent]!;
      at = parent;
    }
    times[at] = time;
    sequences[at] = sequence;
    tasks[at] = task;
  }

  private pop(): number {
    const { times, sequences, tasks } = this;
    const top = tasks[0]!;
    const last = --this.size;
    const time = times[last]!;
    const sequence = sequences[last]!;
    const task = tasks[last]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.before(child + 1, times[child]!, sequences[child]!)) child++;
      if (!this.before(child, time, sequence)) break;
      times[at] = times[child]!;
      sequences[at] = sequences[child]!;
      tasks[at] = tasks[child]!;
      at = child;
    }
    times[at] = time;
    sequences[at] = sequence;
    tasks[at] = task;
    return top;
  }

  private before(at: number, time: number, sequence: number): boolean {
    const other = this.times[at]!;
    return other !== time ? other < time : this.sequences[at]! < sequence;
  }

  private draw(): number {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x;
    return x >>> 0;
  }
}

const record = new DecisionRecord();

function worldOf(programs: readonly Program[], options: Partial<WorldOptions> = {}): World {
  record.clear();
  const world = new World({ strategy: new RandomWalk(keysOf('bench')), record, ...options });
  programs.forEach((program, i) => {
    world.addNode({
      name: `node-${i + 1}`,
      role: 'node',
      index: i + 1,
      args: null,
      program: { load: () => program },
    });
  });
  return world;
}

/** Runs the world to its end; a failure is a mistake in the bench. */
function finish(world: World): void {
  while (!world.advance(100_000)) {}
  world.close();
  if (world.violation !== undefined) throw new Error(world.violation.message);
}

function sleepers(options: Partial<WorldOptions>): number {
  const nodes = 100;
  const world = worldOf(
    Array.from({ length: nodes }, (_, i) => manySleepers(TASKS / nodes, i)),
    options,
  );
  while (world.kernel.steps < STEPS) world.advance(STEPS - world.kernel.steps);
  return world.kernel.steps;
}

/** Never returns; the delays are drawn by the program, as in the bare loop. */
function manySleepers(tasks: number, seed: number): Program {
  return async ({ timers }) => {
    let x = 12_345 + seed;
    const sleep = async (): Promise<void> => {
      for (;;) {
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        await timers.sleep(1 + ((x >>> 0) % 1000));
      }
    };
    await Promise.all(Array.from({ length: tasks }, sleep));
  };
}

const ASYNC: Work = { name: 'kernel/async', run: () => sleepers({}) };

/** The same without a digest, to see what it costs. */
class SilentDigest extends Digest {
  override beginStep(): void {}
  override mix(): void {}
  override mixInteger(): void {}
}

const ASYNC_WITHOUT_DIGEST: Work = {
  name: 'kernel/async without a digest',
  run: () => sleepers({ digest: new SilentDigest() }),
};

const SLEEPS: Work = {
  name: 'kernel/sleeps',
  run() {
    const sleeps = 1_000_000;
    const world = worldOf([
      async ({ timers }) => {
        const sleep = async (): Promise<void> => {
          for (let i = 0; i < sleeps / 10; i++) await timers.sleep(1);
        };
        await Promise.all(Array.from({ length: 10 }, sleep));
      },
    ]);
    finish(world);
    return sleeps;
  },
};

const ROUND_TRIPS = 200_000;

const echo: Program = async ({ net }) => {
  const socket = net.datagrams(7);
  for (;;) {
    const { from, bytes } = await socket.receive();
    socket.send(from, bytes);
  }
};

const DATAGRAMS: Work = {
  name: 'kernel/rpc-datagram',
  run() {
    const client: Program = async ({ net }) => {
      const socket = net.datagrams(0);
      const server = { host: 'node-1', port: 7 };
      const bytes = new Uint8Array(32);
      for (let i = 0; i < ROUND_TRIPS; i++) {
        socket.send(server, bytes);
        await socket.receive();
      }
    };
    finish(worldOf([echo, client]));
    return ROUND_TRIPS;
  },
};

const STREAMS: Work = {
  name: 'kernel/rpc-stream',
  run() {
    const server: Program = async ({ net }) => {
      const stream = await net.listen(7).accept();
      for (;;) {
        const request = await exactly(stream, 32);
        if (request === undefined) return;
        await stream.write(request);
      }
    };
    const client: Program = async ({ net, timers }) => {
      await timers.sleep(5);
      const stream = await net.connect({ host: 'node-1', port: 7 });
      const bytes = new Uint8Array(32);
      for (let i = 0; i < ROUND_TRIPS; i++) {
        await stream.write(bytes);
        await exactly(stream, 32);
      }
      stream.end();
    };
    finish(worldOf([server, client]));
    return ROUND_TRIPS;
  },
};

/** The next `count` bytes; undefined at the end. */
async function exactly(stream: ByteStream, count: number): Promise<Uint8Array | undefined> {
  let have = await stream.read();
  while (have !== undefined && have.length < count) {
    const more = await stream.read();
    if (more === undefined) throw new Error('the stream ended in the middle of a message');
    const both = new Uint8Array(have.length + more.length);
    both.set(have);
    both.set(more, have.length);
    have = both;
  }
  return have;
}

function ring(nodes: number): number {
  const roundTrips = 200_000;
  let left = roundTrips;
  let over!: () => void;
  const end = new Promise<void>((resolve) => {
    over = resolve;
  });
  const member: Program = async ({ net, index }) => {
    void echo({ net } as Parameters<Program>[0], null);
    const socket = net.datagrams(0);
    const next = { host: `node-${(index % nodes) + 1}`, port: 7 };
    const bytes = new Uint8Array(32);
    for (let i = 0; i < 10; i++) socket.send(next, bytes);
    const loop = async (): Promise<void> => {
      for (;;) {
        await socket.receive();
        if (--left === 0) over();
        socket.send(next, bytes);
      }
    };
    void loop();
    await end;
  };
  finish(
    worldOf(
      Array.from({ length: nodes }, () => member),
      { endsWith: 'node-1' },
    ),
  );
  return roundTrips;
}

const RING_2: Work = { name: 'kernel/rpc-2-nodes', run: () => ring(2) };
const RING_1000: Work = { name: 'kernel/rpc-1000-nodes', run: () => ring(1000) };

const FLOOR: Work = {
  name: 'kernel/seed-floor',
  run() {
    const worlds = 5_000;
    const ping: Program = async ({ net }) => {
      const socket = net.datagrams(0);
      socket.send({ host: 'node-1', port: 7 }, new Uint8Array(32));
      await socket.receive();
    };
    for (let i = 0; i < worlds; i++) {
      finish(worldOf([echo, ping], { strategy: new RandomWalk(keysOf(String(i))) }));
    }
    return worlds;
  },
};
