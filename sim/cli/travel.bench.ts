/** The row `explore/step-back` of `npm run bench`: one step back, a million steps into a world. */
import { Journey } from '../debug/journey.ts';
import type { Program } from '../env/env.ts';
import { WorldSubject } from '../explore/world-run.ts';
import type { World } from '../node/world.ts';
import type { Rows } from '../trace/bench-row.ts';
import { median } from './measure.ts';

const FULL = { step: 1_000_000, rounds: 3 };
const PAIRS = 5;
/** Steps of a round trip with a sleep: there, back, the loop's turn and its timer. */
const STEPS_EACH = 4;

export async function* rows({ step, rounds }: typeof FULL = FULL): Rows {
  const pace = { hangMs: 60_000, stopped: () => false };
  const route = { subject: pairs(step), spec: { seed: '1', strategy: 'random' } } as const;
  const journey = await Journey.open(route, pace);
  const { verdict } = journey.course.result;
  if (verdict !== 'passed') throw new Error(`the world to travel in ${verdict}`);
  const seconds: number[] = [];
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    await journey.goto(step);
    const began = performance.now();
    await journey.goto(step - 1);
    await journey.look((scene) => scene.show('client-1'));
    if (round > 0) seconds.push((performance.now() - began) / 1000);
  }
  yield {
    name: 'explore/step-back',
    raw: median(seconds),
    unit: 's',
    better: 'lower',
    scales: 'time',
    target: '<= 2',
  };
}

/** Clients that ask a server each and sleep, for a little more than so many steps. */
function pairs(steps: number): WorldSubject {
  const trips = Math.ceil((steps * 1.01) / (PAIRS * STEPS_EACH));
  const server: Program = async ({ net }) => {
    const socket = net.datagrams(7);
    for (;;) {
      const { from, bytes } = await socket.receive();
      socket.send(from, bytes);
    }
  };
  const client: Program = async (env) => {
    const { index, net, timers } = env;
    let left = trips;
    const socket = net.datagrams(0);
    const to = { host: `server-${index}`, port: 7 };
    env.observe('left', () => left);
    for (; left > 0; left--) {
      socket.send(to, new Uint8Array(32));
      await socket.receive();
      await timers.sleep(1);
    }
  };
  return new WorldSubject({
    name: 'pairs',
    faults: 'none',
    timeline: [],
    forMs: Infinity,
    livenessMs: Infinity,
    populate(world) {
      for (let index = 1; index <= PAIRS; index++) {
        add(world, 'server', index, server);
        add(world, 'client', index, client);
      }
    },
  });
}

function add(world: World, role: string, index: number, program: Program): void {
  const name = `${role}-${index}`;
  world.addNode({ name, role, index, args: null, program: { load: () => program } });
}
