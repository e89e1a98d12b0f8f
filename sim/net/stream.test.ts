import { expect, test } from 'vitest';
import { broken, explored } from '../explore/fixtures/explored.ts';
import { bodySubject } from '../explore/test-world.ts';

const PORT = 7;

// The dial takes some ms each way and the crash comes within 4 ms of its start, so most seeds of 60
// crash in between.
test('a stream of a client that died while dialling ends', async () => {
  const subject = bodySubject('half-open', {}, async ({ env, node }) => {
    const listener = env.net.listen(PORT);
    let accepted = 0;
    let ended = 0;
    const serve = async (): Promise<never> => {
      for (;;) {
        const stream = await listener.accept();
        accepted++;
        const end = (): number => ended++;
        void stream.read().then(end, end);
      }
    };
    void serve();
    const client = node('client', async ({ net }) => {
      await net.connect({ host: 'test', port: PORT });
      await new Promise(() => {});
    });
    await env.timers.sleep(env.random.integer('life', { min: 0, max: 4 }));
    client.crash();
    await env.timers.sleep(1_000);
    env.always('every stream ends', ended === accepted, `${ended} of ${accepted}`);
  });
  expect(await broken(subject, { seeds: 60 })).toEqual(new Map());
});

// The dial takes a ms each way, and the cut begins within 4 ms of its start: in some seeds between the
// knock and the answer.
test('no answer to a dial crosses a cut', async () => {
  const subject = bodySubject('cut-answer', {}, async ({ env, node, fault }) => {
    const listener = env.net.listen(PORT);
    void listener.accept();
    let isCut = false;
    node('client', async ({ net, timers, clock }) => {
      await timers.sleep(10);
      const began = clock.monotonicMs();
      await net.connect({ host: 'test', port: PORT });
      env.always('nothing crosses a cut', !isCut);
      env.sometimes('it took a cut', clock.monotonicMs() - began > 400);
    });
    await env.timers.sleep(10 + env.random.integer('cut', { min: 0, max: 4 }));
    const heal = fault({ kind: 'isolate', node: 'client', direction: 'both', forMs: 500 });
    isCut = true;
    await env.timers.sleep(500);
    isCut = false;
    heal();
    await env.timers.sleep(5_000);
  });
  const results = await explored(subject, { seeds: 60 });
  expect(results.map(({ failure }) => failure?.message)).toEqual(results.map(() => undefined));
  const connected = results.map(
    ({ sometimes }) => sometimes.find(([name]) => name === 'it took a cut')?.[1],
  );
  expect(connected).toContain(true);
  expect(connected).toContain(false);
});
