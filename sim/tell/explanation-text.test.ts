import { expect, test } from 'vitest';
import { explain } from '../explain/explain.ts';
import { type FinishedRun, runOne } from '../explore/runner.ts';
import { bodySubject } from '../explore/test-world.ts';
import { shrink } from '../shrink/shrink.ts';
import { explanationText } from './explanation-text.ts';

const BOUNDS = { runsMax: 1_500, forMs: 60_000 };
const SHRINK = { attemptsMax: 2_000, forMs: 30_000 };

/** Syncs nothing of what it was told to keep. */
const forgetful = bodySubject(
  'forgetful',
  { forMs: 20_000, faults: 'crash' },
  async ({ env, node }) => {
    node('server-1', async ({ disk, net }) => {
      const file = await disk.open('value', 'open-or-create');
      await disk.syncDirectory('');
      net.serve('set', async () => {
        await file.write(0, new Uint8Array([1]));
        return null;
      });
      net.serve('get', async () => [...(await file.read({ at: 0, bytes: 1 }))]);
    });
    await env.timers.sleep(env.random.integer('pause', { min: 0, max: 200 }));
    const isSet = await env.net.call('server-1', 'set', null, { timeoutMs: 100 }).then(
      () => true,
      () => false,
    );
    await env.timers.sleep(3_000);
    const got = await env.net.call('server-1', 'get', null, { timeoutMs: 100 }).catch(() => null);
    env.always('kept', !isSet || got === null || String(got) === '1');
  },
);

/** The lowest seed that fails. */
async function failing(): Promise<FinishedRun> {
  for (let seed = 1; seed <= 1_000; seed++) {
    const run = await runOne(forgetful, { seed: `${seed}`, strategy: 'random' });
    if (run.result.failure !== undefined) return run;
  }
  throw new Error('no seed fails');
}

test('faults that are needed lead, and beside them what comes first in every run is no cause', async () => {
  const failed = await failing();
  const { spec, result, record } = failed;
  const { signature } = result.failure!;
  const shrunk = await shrink(forgetful, { ...failed, record: record! }, SHRINK);
  const explained = { spec, record: shrunk.record, signature, timeline: [] };
  const explanation = (await explain(forgetful, explained, BOUNDS))!;
  expect(explanation.story.sentences[0]!.text).toBe(
    'in this run a crash loses what was not synced',
  );
  expect(explanation.faults.map(({ without }) => without)).toEqual(['passed']);
  expect(explanation.cause).toMatchObject({ difference: { site: 'disk.crash.version' } });
  const text = explanationText({ explanation, wallMs: 0 });
  expect(text).toMatch(/^ {2}It fails because of faults\. /);
  expect(text).toContain('  With these faults it fails because of ');
});
