/**
 * Whether the digest sees one byte. A world says the same 13 bytes in ten ways, none of which any of
 * its programs looks at again; then one bit of one byte is turned over in one of the ways, at the
 * start, in the middle and at the end, and the run must have another digest each time.
 */
import type { Env, Program } from '../../env/env.ts';
import { trial } from '../../node/trial.ts';
import { Digest } from '../../sched/digest.ts';
import { inMacrotask } from '../../sched/macrotask.ts';

export const WAYS = [
  'sent in a datagram',
  'sent on a stream',
  'written to disk',
  'logged',
  'traced',
  'printed',
  "an operation's input",
  "an operation's output",
  'in native memory',
  'observed at the end',
] as const;
type Way = (typeof WAYS)[number];

export interface DigestSees {
  /** Ways in which every change of a byte changed the digest. */
  readonly seen: readonly Way[];
  readonly unseen: readonly Way[];
}

const BYTES = Uint8Array.from('thirteen byte', (letter) => letter.charCodeAt(0));
/** The last byte stands outside of the words of four that a digest may take at a time. */
const PLACES = [0, 6, 12] as const;

/** `digest` makes the one of each run. */
export function digestSees(digest: () => Digest = () => new Digest()): Promise<DigestSees> {
  return inMacrotask(() => {
    const digestOf = (said: Said): string => digestIn(digest(), said);
    const unchanged = digestOf(() => BYTES);
    if (digestOf(() => BYTES) !== unchanged) throw new Error('the same run twice, two digests');
    const sees = (way: Way): boolean =>
      PLACES.every((place) => {
        const changed = BYTES.with(place, BYTES[place]! ^ 1);
        return digestOf((asked) => (asked === way ? changed : BYTES)) !== unchanged;
      });
    const seen = WAYS.filter(sees);
    return { seen, unseen: WAYS.filter((way) => !seen.includes(way)) };
  });
}

type Said = (way: Way) => Uint8Array;

function digestIn(digest: Digest, said: Said): string {
  const programs = { speaker: { load: () => speaker(said) }, other: { load: () => deaf } };
  const { end, violation } = trial({ seed: 'digest', programs, digest });
  if (end !== 'completed') throw new Error(`the world ended ${end}: ${violation?.message}`);
  return digest.hex();
}

function speaker(said: Said): Program {
  const text = (way: Way): string => String.fromCharCode(...said(way));
  return async (env) => {
    env.net.datagrams(0).send({ host: 'other', port: 7 }, said('sent in a datagram'));
    await sendOnStream(env, said('sent on a stream'));
    await writeToDisk(env, said('written to disk'));
    env.log.info('said', { text: text('logged') });
    env.trace('said', { text: text('traced') });
    // What a program under test prints is kept with the run.
    console.log(text('printed'));
    const operation = env.history.invoke('say', said("an operation's input"));
    operation.ok(said("an operation's output"));
    keepInMemory(env, said('in native memory'));
    env.observe('said', () => said('observed at the end'));
  };
}

/** Hears what arrives, and does nothing with it. */
const deaf: Program = async ({ net }) => {
  net.datagrams(7);
  const listener = net.listen(7);
  for (;;) {
    const stream = await listener.accept();
    while ((await stream.read()) !== undefined) {}
  }
};

async function sendOnStream({ net, timers }: Env, bytes: Uint8Array): Promise<void> {
  await timers.sleep(5);
  const stream = await net.connect({ host: 'other', port: 7 });
  await stream.write(bytes);
  stream.end();
}

async function writeToDisk({ disk }: Env, bytes: Uint8Array): Promise<void> {
  const file = await disk.open('said', 'create');
  await file.write(0, bytes);
  await file.close();
}

function keepInMemory({ memory }: Env, bytes: Uint8Array): void {
  const pool = memory.pool({ capacityBytes: 1 << 16 });
  pool.view(pool.allocate(bytes.length, 'said')).set(bytes);
}
