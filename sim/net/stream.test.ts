import { expect, test } from 'vitest';
import { broken } from '../explore/fixtures/explored.ts';
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
