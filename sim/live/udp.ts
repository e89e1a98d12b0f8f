import { createSocket, type Socket } from 'node:dgram';
import { assert } from '../env/assert.ts';
import { Inbox } from '../env/inbox.ts';
import {
  type Address,
  DATAGRAM_BYTES_MAX,
  DATAGRAMS_WAITING_MAX,
  type Datagram,
  type Plain,
} from '../env/net.ts';
import { encodePlain } from '../env/plain.ts';
import type { PlainSocket } from '../env/requests.ts';
import { isPort, type NetContext } from './net-context.ts';

/** A UDP socket. Datagrams of strangers come from a host named by its address, as text. */
export class LiveSocket implements PlainSocket {
  readonly address: Address;
  private readonly context: NetContext;
  private readonly socket: Socket;
  private readonly inbox = new Inbox<Datagram>(DATAGRAMS_WAITING_MAX);
  private readonly onClose: (socket: LiveSocket) => void;
  private closed = false;

  /** @throws NetError `address-in-use` */
  constructor(context: NetContext, port: number, onClose: (socket: LiveSocket) => void) {
    this.context = context;
    this.onClose = onClose;
    this.socket = bound(context, port);
    this.address = { host: context.host, port: this.socket.address().port };
    this.socket.on('message', (bytes, { address, port: fromPort }) => {
      const host = context.hosts.nameOf(address) ?? address;
      this.inbox.put({ from: { host, port: fromPort }, bytes: new Uint8Array(bytes) });
    });
  }

  send(to: Address, bytes: Uint8Array): void {
    this.post(to, new Uint8Array(bytes));
  }

  sendPlain(to: Address, message: Plain): void {
    this.post(to, encodePlain(message));
  }

  private post(to: Address, bytes: Uint8Array): void {
    const { error, hosts } = this.context;
    if (this.closed) throw error('closed', 'the datagram socket is closed');
    if (bytes.length > DATAGRAM_BYTES_MAX) {
      throw error('too-large', `a datagram of ${bytes.length} bytes`);
    }
    const address = hosts.addressOf(to.host);
    if (address === undefined || !isPort(to.port)) return;
    // A send that fails is a datagram that is lost.
    this.socket.send(bytes, to.port, address, () => {});
  }

  receive(): Promise<Datagram> {
    return this.inbox.take();
  }

  close(): void {
    if (this.closed) return;
    this.drop();
    this.inbox.drop(this.context.error('closed', 'the datagram socket is closed'));
  }

  /** Gives the port back; who waits is told nothing. */
  drop(): void {
    this.closed = true;
    this.socket.close();
    this.onClose(this);
  }
}

/**
 * A socket that is bound when this returns. Node.js binds as soon as its lookup has answered, and
 * this one answers at once, since what it looks up is an address already.
 */
function bound({ host, address, error }: NetContext, port: number): Socket {
  const socket = createSocket({
    type: 'udp4',
    lookup: (name, _options, answer) => answer(null, name, 4),
  });
  let failure: NodeJS.ErrnoException | undefined;
  let listening = false;
  socket.once('error', (cause) => {
    failure = cause;
  });
  socket.once('listening', () => {
    listening = true;
  });
  socket.bind({ address, port, exclusive: true });
  if (failure !== undefined) {
    socket.close();
    if (failure.code !== 'EADDRINUSE') throw failure;
    throw error('address-in-use', `port ${port} of ${host} is taken`, failure);
  }
  assert(listening, 'a socket is bound in the call that binds it');
  socket.removeAllListeners('error');
  // What comes later is about single packets, such as one that nobody received.
  socket.on('error', () => {});
  return socket;
}
