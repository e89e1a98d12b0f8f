import { describe, expect, test } from 'vitest';
import { DATAGRAM_BYTES_MAX } from '../../env/net.ts';
import { codeOf, IMPLEMENTATIONS } from './implementations.ts';

const HELLO = new TextEncoder().encode('hello');

describe.each(IMPLEMENTATIONS)('datagrams, $name', ({ run }) => {
  test('a datagram arrives as it was when sent, with the address it came from', () =>
    run({
      receiver: async ({ net }) => {
        const socket = net.datagrams(7000);
        expect(socket.address).toEqual({ host: 'receiver', port: 7000 });
        const { bytes, from } = await socket.receive();
        expect(bytes).toEqual(HELLO);
        expect(from).toEqual({ host: 'sender', port: 7001 });
        socket.send(from, new Uint8Array(0));
      },
      sender: async ({ net, timers }) => {
        const socket = net.datagrams(7001);
        // The receiver may not be there yet.
        const sending = timers.every(2, () => {
          const bytes = Buffer.from(HELLO);
          socket.send({ host: 'receiver', port: 7000 }, bytes);
          bytes.fill(0);
        });
        const answer = await socket.receive();
        sending.cancel();
        expect(answer.bytes).toEqual(new Uint8Array(0));
        expect(answer.from).toEqual({ host: 'receiver', port: 7000 });
      },
    }));

  test('the largest datagram passes, a larger one is too large', () =>
    run({
      one: async ({ net }) => {
        const socket = net.datagrams(7000);
        const largest = new Uint8Array(DATAGRAM_BYTES_MAX).fill(7);
        expect(await codeOf(() => socket.send(socket.address, new Uint8Array(65_508)))).toBe(
          'too-large',
        );
        socket.send(socket.address, largest);
        expect(Buffer.compare((await socket.receive()).bytes, largest)).toBe(0);
      },
    }));

  test('a port is one socket’s until it is closed, on one node and for datagrams alone', () =>
    run({
      one: async ({ net }) => {
        const socket = net.datagrams(7000);
        expect(await codeOf(() => net.datagrams(7000))).toBe('address-in-use');
        net.listen(7000).close();
        socket.close();
        net.datagrams(7000).close();
      },
      other: async ({ net }) => {
        net.datagrams(7000).close();
      },
    }));

  test('port 0 is any free one', () =>
    run({
      one: async ({ net }) => {
        const sockets = Array.from({ length: 20 }, () => net.datagrams(0));
        const ports = new Set(sockets.map(({ address }) => address.port));
        expect(ports.size).toBe(20);
        for (const port of ports) expect(port).toBeGreaterThan(1023);
      },
    }));

  test.each([-1, 65_536, 1.5, Number.NaN])('there is no port %d', (port) =>
    run({
      one: async ({ net }) => {
        expect(await codeOf(() => net.datagrams(port))).toBe('RangeError');
        const socket = net.datagrams(7000);
        socket.send({ host: 'one', port }, HELLO);
        socket.send({ host: 'one', port: 0 }, HELLO);
        socket.send(socket.address, new Uint8Array(3));
        expect((await socket.receive()).bytes).toHaveLength(3);
      },
    }),
  );

  test('what nobody receives is lost without a word', () =>
    run({
      one: async ({ net }) => {
        const socket = net.datagrams(7000);
        socket.send({ host: 'nobody', port: 7000 }, HELLO);
        socket.send({ host: 'other', port: 9 }, HELLO);
        socket.send(socket.address, HELLO);
        expect((await socket.receive()).from.host).toBe('one');
      },
      other: async () => {},
    }));

  test('a closed socket sends and receives nothing, whoever waits at it is told', () =>
    run({
      one: async ({ net }) => {
        const socket = net.datagrams(7000);
        const waiting = codeOf(() => socket.receive());
        socket.close();
        socket.close();
        expect(await waiting).toBe('closed');
        expect(await codeOf(() => socket.receive())).toBe('closed');
        expect(await codeOf(() => socket.send(socket.address, HELLO))).toBe('closed');
      },
    }));

  test('what waited unread at a closed socket is gone', () =>
    run({
      one: async ({ net, timers }) => {
        const socket = net.datagrams(7000);
        socket.send(socket.address, HELLO);
        await timers.sleep(20);
        socket.close();
        expect(await codeOf(() => socket.receive())).toBe('closed');
      },
    }));

  test('one receiver at a time', () =>
    run({
      one: async ({ net }) => {
        const socket = net.datagrams(7000);
        const first = socket.receive();
        expect(await codeOf(() => socket.receive())).toBe('TypeError');
        socket.send(socket.address, HELLO);
        expect((await first).bytes).toEqual(HELLO);
      },
    }));
});
