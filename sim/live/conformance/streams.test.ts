import { describe, expect, test } from 'vitest';
import type { Env } from '../../env/env.ts';
import type { ByteStream } from '../../env/net.ts';
import { codeOf, connected, IMPLEMENTATIONS } from './implementations.ts';

const SERVER = { host: 'server', port: 7000 };

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** All that comes until the peer's end. */
async function readAll(stream: ByteStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = await stream.read();
    if (chunk === undefined) return new Uint8Array(Buffer.concat(chunks));
    expect(chunk.length).toBeGreaterThan(0);
    chunks.push(chunk);
  }
}

/** Bytes that tell where they belong. */
function numbered(from: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (from + i) % 251);
}

describe.each(IMPLEMENTATIONS)('streams, $name', ({ run }) => {
  /** A client and a server with one connection between them, each with its end of it. */
  const pair = (
    client: (stream: ByteStream, env: Env) => Promise<void>,
    server: (stream: ByteStream, env: Env) => Promise<void>,
  ) =>
    run({
      server: async (env) => server(await env.net.listen(7000).accept(), env),
      client: async (env) => client(await connected(env, SERVER), env),
    });

  test('both ends know both addresses', () =>
    pair(
      async (stream) => {
        expect(stream.remote).toEqual(SERVER);
        expect(stream.local.host).toBe('client');
        await stream.write(bytesOf(`${stream.local.port}`));
        stream.end();
        await readAll(stream);
      },
      async (stream) => {
        expect(stream.local).toEqual(SERVER);
        const port = Number(textOf(await readAll(stream)));
        expect(stream.remote).toEqual({ host: 'client', port });
        stream.end();
      },
    ));

  test('bytes arrive in order and as they were when written, in both directions', () => {
    const chatter = async (stream: ByteStream): Promise<void> => {
      const reading = readAll(stream);
      let written = 0;
      for (const count of [1, 100, 7, 5000, 70_000, 3, 20_000]) {
        const bytes = numbered(written, count);
        const writing = stream.write(bytes);
        bytes.fill(255);
        await writing;
        written += count;
      }
      stream.end();
      expect(Buffer.compare(await reading, numbered(0, written))).toBe(0);
    };
    return pair(chatter, chatter);
  });

  test('an empty write is nothing', () =>
    pair(
      async (stream) => {
        await stream.write(new Uint8Array(0));
        await stream.write(bytesOf('x'));
        stream.end();
        expect(await stream.read()).toBe(undefined);
      },
      async (stream) => {
        expect(textOf(await stream.read())).toBe('x');
        expect(await stream.read()).toBe(undefined);
        stream.end();
      },
    ));

  test.each(['client', 'server'])(
    'the %s ends first: it still reads, and the other writes',
    (first) => {
      const asks = async (stream: ByteStream): Promise<void> => {
        await stream.write(bytesOf('question'));
        stream.end();
        stream.end();
        expect(await codeOf(() => stream.write(bytesOf('more')))).toBe('closed');
        expect(textOf(await readAll(stream))).toBe('answer');
        expect(await stream.read()).toBe(undefined);
      };
      const answers = async (stream: ByteStream, { timers }: Env): Promise<void> => {
        expect(textOf(await readAll(stream))).toBe('question');
        expect(await stream.read()).toBe(undefined);
        await timers.sleep(5);
        await stream.write(bytesOf('ans'));
        await timers.sleep(5);
        await stream.write(bytesOf('wer'));
        stream.end();
      };
      return first === 'client' ? pair(asks, answers) : pair(answers, asks);
    },
  );

  test('an abort is a reset to the peer, and closes the own end at once', () =>
    pair(
      async (stream) => {
        expect(textOf(await stream.read())).toBe('hello');
        const waiting = codeOf(() => stream.read());
        stream.abort();
        stream.abort();
        stream.end();
        expect(await waiting).toBe('closed');
        expect(await codeOf(() => stream.read())).toBe('closed');
        expect(await codeOf(() => stream.write(bytesOf('x')))).toBe('closed');
      },
      async (stream) => {
        await stream.write(bytesOf('hello'));
        expect(await codeOf(() => stream.read())).toBe('reset');
        expect(await codeOf(() => stream.read())).toBe('reset');
        expect(await codeOf(() => stream.write(bytesOf('x')))).toBe('reset');
      },
    ));

  test('an abort after both ends says nothing to the peer', () =>
    pair(
      async (stream, { timers }) => {
        stream.end();
        expect(await stream.read()).toBe(undefined);
        stream.abort();
        await timers.sleep(30);
      },
      async (stream, { timers }) => {
        stream.end();
        expect(await stream.read()).toBe(undefined);
        await timers.sleep(30);
        expect(await stream.read()).toBe(undefined);
      },
    ));

  test('writes wait for a reader that is slow, and go on when it reads', () => {
    const chunk = Buffer.alloc(65_536);
    let heldBack: ((written: number) => void) | undefined;
    return run({
      server: async ({ net, timers }) => {
        const stream = await net.listen(7000).accept();
        const written = await new Promise<number>((resolve) => {
          heldBack = resolve;
        });
        await timers.sleep(1);
        const bytes = await readAll(stream);
        expect(bytes).toHaveLength(written);
        expect(bytes.every((byte) => byte === 1)).toBe(true);
        stream.end();
      },
      client: async (env) => {
        const stream = await connected(env, SERVER);
        let written = 0;
        let waits = false;
        // Buffers of the machine are finite: at most 64 MiB fit.
        while (!waits && written < 1024 * chunk.length) {
          let done = false;
          const writing = stream.write(chunk.fill(1)).then(() => {
            done = true;
          });
          chunk.fill(2);
          written += chunk.length;
          await env.timers.sleep(0);
          if (done) continue;
          // Long enough for buffers that were only not flushed yet.
          await env.timers.sleep(100);
          if (done) continue;
          waits = true;
          heldBack!(written);
          await writing;
        }
        expect(waits).toBe(true);
        stream.end();
        expect(await stream.read()).toBe(undefined);
      },
    });
  });

  test('a write that waits is refused when the peer drops the connection', () =>
    pair(
      async (stream) => {
        const chunk = new Uint8Array(65_536);
        const flood = async (): Promise<void> => {
          for (;;) await stream.write(chunk);
        };
        expect(await codeOf(flood)).toBe('reset');
      },
      async (stream, { timers }) => {
        await timers.sleep(50);
        stream.abort();
      },
    ));

  test('one reader at a time', () =>
    pair(
      async (stream) => {
        const first = stream.read();
        expect(await codeOf(() => stream.read())).toBe('TypeError');
        stream.end();
        expect(textOf(await first)).toBe('x');
      },
      async (stream) => {
        expect(await stream.read()).toBe(undefined);
        await stream.write(bytesOf('x'));
        stream.end();
      },
    ));

  test('who is not there, or does not listen, is told apart', () =>
    run({
      one: async ({ net }) => {
        expect(await codeOf(() => net.connect({ host: 'nobody', port: 1 }))).toBe('unknown-host');
        expect(await codeOf(() => net.connect({ host: 'one', port: 1 }))).toBe('refused');
        expect(await codeOf(() => net.connect({ host: 'one', port: 70_000 }))).toBe('refused');
        expect(await codeOf(() => net.lookup('nobody'))).toBe('unknown-host');
        expect((await net.lookup('one')).length).toBeGreaterThan(0);
      },
    }));

  test('a port is one listener’s until it is closed', () =>
    run({
      one: async ({ net }) => {
        const listener = net.listen(7000);
        expect(listener.address).toEqual({ host: 'one', port: 7000 });
        expect(await codeOf(() => net.listen(7000))).toBe('address-in-use');
        const ports = [net.listen(0), net.listen(0)].map(({ address }) => address.port);
        expect(new Set(ports).size).toBe(2);
        listener.close();
        net.listen(7000);
        expect(await codeOf(() => net.listen(65_536))).toBe('RangeError');
      },
    }));

  test('a listener takes connections in the order in which they came', () =>
    run({
      server: async ({ net }) => {
        const listener = net.listen(7000);
        for (const text of ['1', '2', '3']) {
          const stream = await listener.accept();
          expect(textOf(await readAll(stream))).toBe(text);
          stream.end();
        }
      },
      client: async (env) => {
        for (const text of ['1', '2', '3']) {
          const stream = await connected(env, SERVER);
          await stream.write(bytesOf(text));
          stream.end();
        }
      },
    }));

  test('a closed listener refuses and resets, and leaves what it has accepted alone', () =>
    run({
      server: async ({ net, timers }) => {
        const listener = net.listen(7000);
        const stream = await listener.accept();
        expect(textOf(await stream.read())).toBe('two are open');
        // Time for the second connection to arrive here and wait.
        await timers.sleep(20);
        listener.close();
        listener.close();
        expect(await codeOf(() => listener.accept())).toBe('closed');
        await stream.write(bytesOf('closed'));
        expect(await stream.read()).toBe(undefined);
        stream.end();
      },
      client: async (env) => {
        const first = await connected(env, SERVER);
        const second = await env.net.connect(SERVER);
        await first.write(bytesOf('two are open'));
        expect(await codeOf(() => second.read())).toBe('reset');
        expect(textOf(await first.read())).toBe('closed');
        expect(await codeOf(() => env.net.connect(SERVER))).toBe('refused');
        first.end();
      },
    }));

  test('who waits at a listener is told when it closes, one at a time', () =>
    run({
      one: async ({ net }) => {
        const listener = net.listen(7000);
        const waiting = codeOf(() => listener.accept());
        expect(await codeOf(() => listener.accept())).toBe('TypeError');
        listener.close();
        expect(await waiting).toBe('closed');
      },
    }));
});
