// Seeds survive edits: a draw depends on who draws, where, and as the how-manieth, on nothing else.
import { describe, expect, test } from 'vitest';
import type { Env } from '../env/env.ts';
import { runOne } from '../explore/runner.ts';
import { bodySubject } from '../explore/test-world.ts';
import { DecisionRecord, STEP } from '../trace/record.ts';
import { siteAt } from './site.ts';

type Edit = (env: Env) => void;

interface Decision {
  readonly actor: string;
  /** Kind, site, identity of the step, ordinal. */
  readonly key: string;
  readonly outcome: number;
}

interface Edited {
  readonly decisions: readonly Decision[];
  /** How many decisions there were when it was edited. */
  readonly before: number;
}

/** Two pairs of nodes that ask each other; one node, of the second pair, is edited halfway. */
async function run(edit: Edit, more: readonly string[] = []): Promise<Edited> {
  const record = new DecisionRecord();
  let before = 0;
  const peers: { readonly [node: string]: string } = {
    'left-1': 'left-2',
    'left-2': 'left-1',
    'right-1': 'right-2',
    'right-2': 'right-1',
  };
  const subject = bodySubject('pairs', { forMs: 20_000 }, async ({ env, node }) => {
    for (const name of [...Object.keys(peers), ...more]) {
      node(name, async (inside) => {
        inside.net.serve('ask', () => inside.random.integer('answer', { min: 0, max: 1_000 }));
        inside.net.serve('wait', () => inside.timers.sleep(5).then(() => null));
        for (let i = 0; i < 6; i++) {
          await inside.operation('work', { thinkMs: 20 }, async () => {
            if (name === 'right-1' && i === 3) {
              before = record.count;
              edit(inside);
            }
            const method = inside.random.pick('client.next', ['ask', 'ask']);
            const peer = peers[name] ?? 'left-1';
            await inside.net.call(peer, method, null, { timeoutMs: 200 }).catch(() => {});
          });
        }
      });
    }
    await env.timers.sleep(1_000);
  });
  const { actors } = await runOne(subject, { seed: '1', strategy: 'random', record });
  const decisions = Array.from({ length: record.count }, (_, entry): Decision => {
    const site = siteAt(record.site(entry)).name;
    return {
      actor: actors[record.actor(entry)]!,
      key: `${record.kind(entry)} ${site} ${record.lo(entry)} ${record.hi(entry)} ${record.ordinal(entry)}`,
      outcome: record.outcome(entry),
    };
  });
  return { decisions, before };
}

function ofLeft({ decisions }: Edited): Decision[] {
  return decisions.filter(({ actor }) => /^left-\d(>left-\d)?$/.test(actor));
}

/** What anybody had decided until then. */
function untilEdited({ decisions, before }: Edited): readonly Decision[] {
  return decisions.slice(0, before);
}

const unedited = run(() => {});

const EDITS: readonly (readonly [name: string, edit: Edit])[] = [
  ['a log line', (env) => env.log.info('here')],
  ['a timer', (env) => env.timers.after(7, () => {})],
  ['a timer that repeats', (env) => env.timers.every(3, () => {})],
  ['a draw', (env) => env.random.integer('new', { min: 0, max: 100 })],
  ['a draw at a site that is there', (env) => env.random.pick('client.next', ['ask', 'ask'])],
  [
    'a request',
    (env) => {
      env.net.call('right-2', 'ask', null, { timeoutMs: 100 }).catch(() => {});
    },
  ],
  [
    'a file',
    (env) => {
      env.disk.open('new', 'create').catch(() => {});
    },
  ],
];

describe.for(EDITS)('%s', ([, edit]) => {
  test('leaves all decisions of nodes that it does not reach as they were', async () => {
    const left = ofLeft(await unedited);
    expect(left.length).toBeGreaterThan(50);
    expect(ofLeft(await run(edit))).toEqual(left);
  });

  test('leaves what anybody had decided before, its own node included', async () => {
    const own = untilEdited(await unedited);
    expect(own.some(({ actor }) => actor === 'right-1')).toBe(true);
    expect(untilEdited(await run(edit))).toEqual(own);
  });
});

test('a new node leaves the draws of all others as they were', async () => {
  const draws = ({ decisions }: Edited): Map<string, number> =>
    new Map(
      decisions.filter(({ key }) => !key.startsWith(`${STEP} `)).map((d) => [d.key, d.outcome]),
    );
  const [base, edited] = [draws(await unedited), draws(await run(() => {}, ['new-1']))];
  for (const [key, outcome] of base) expect(edited.get(key) ?? outcome).toBe(outcome);
  const shared = [...base.keys()].filter((key) => edited.has(key));
  expect(shared.length).toBeGreaterThan(base.size * 0.9);
});

test('an edit that reaches a node is seen there', async () => {
  const edited = await run((env) => {
    env.net.call('left-1', 'wait', null, { timeoutMs: 100 }).catch(() => {});
  });
  expect(ofLeft(edited)).not.toEqual(ofLeft(await unedited));
});

// Loss and duplication are drawn for each packet by itself. `crowd` sends to all its peers in one step;
// the edit lets it send to one of them once more, first.
test('one packet more leaves the fates of the packets to others as they were', async () => {
  const got = async (more: number): Promise<string[]> => {
    const heard: string[] = [];
    const subject = bodySubject('crowd', { forMs: 4_000, faults: 'net' }, async ({ env, node }) => {
      const peers = ['peer-1', 'peer-2', 'peer-3'];
      for (const name of peers) {
        node(name, async ({ net }) => {
          const socket = net.datagrams(7);
          for (;;) heard.push(`${name} ${(await socket.receive()).bytes[0]}`);
        });
      }
      node('own-1', async ({ net }) => {
        const socket = net.datagrams(7);
        for (;;) await socket.receive();
      });
      const socket = env.net.datagrams(0);
      for (let round = 0; round < 40; round++) {
        await env.timers.sleep(20);
        for (let i = 0; i < more; i++) socket.send({ host: 'own-1', port: 7 }, new Uint8Array(1));
        for (const host of peers) socket.send({ host, port: 7 }, new Uint8Array([round]));
      }
      await env.timers.sleep(1_000);
    });
    for (const seed of ['1', '2', '3', '4', '5']) {
      heard.push(seed);
      await runOne(subject, { seed, strategy: 'random' });
    }
    return heard;
  };
  const before = await got(0);
  expect(before.length).not.toBe(5 + 5 * 3 * 40);
  expect(await got(1)).toEqual(before);
});
