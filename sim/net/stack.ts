/**
 * The network stack of one incarnation: its ports, and what is open on them. When the incarnation
 * ends, so does all of it; peers of its streams learn of it as they would from a killed process.
 */
import { site } from '../choice/site.ts';
import { failLate } from '../env/fail-late.ts';
import { checkAddress, checkPort, noNode, refused } from '../env/given.ts';
import { Inbox } from '../env/inbox.ts';
import {
  type Address,
  type ByteStream,
  DATAGRAM_BYTES_MAX,
  DATAGRAMS_WAITING_MAX,
  type Datagram,
  type Listener,
  NetError,
  type Plain,
  PORT_MAX,
  type Transport,
} from '../env/net.ts';
import { copyPlain, encodePlain, plainBytesMax } from '../env/plain.ts';
import type { PlainSocket } from '../env/requests.ts';
import type { Target } from '../sched/agenda.ts';
import type { Digest } from '../sched/digest.ts';
import { Ended } from '../sched/ended.ts';
import type { Owner } from '../sched/kernel.ts';
import { mixPlain } from '../sched/mix-plain.ts';
import type { NodeClock } from '../time/clock.ts';
import { msOfNs } from '../time/units.ts';
import type { Link } from './link.ts';
import type { Host, Network } from './network.ts';
import { BytesPacket, type Packet, PlainPacket } from './packet.ts';
import { dial, type StreamEnd } from './stream.ts';

const LOOKUP = site('net.lookup');

/** The first port given to who asks for any (IANA's dynamic range, RFC 6335, section 6). */
const PORT_ANY_MIN = 49_152;
/** Connections that wait to be accepted; one more is refused. Node's default. */
const BACKLOG_MAX = 511;

export class Stack implements Transport {
  readonly network: Network;
  readonly host: Host;
  readonly owner: Owner;
  private readonly clock: NodeClock;
  private readonly sockets = new Map<number, SimSocket>();
  private readonly listeners = new Map<number, SimListener>();
  readonly streams: Set<StreamEnd> = new Set();
  private readonly links = new Map<string, Link>();
  private nextPort = PORT_ANY_MIN;

  constructor(options: { network: Network; host: Host; owner: Owner; clock: NodeClock }) {
    this.network = options.network;
    this.host = options.host;
    this.owner = options.owner;
    this.clock = options.clock;
    this.host.stack = this;
  }

  datagrams(port: number): PlainSocket {
    const number = this.claimPort(port, this.sockets);
    const socket = new SimSocket(this, this.address(number));
    this.sockets.set(number, socket);
    return socket;
  }

  listen(port: number): Listener {
    const number = this.claimPort(port, this.listeners);
    const listener = new SimListener(this, this.address(number));
    this.listeners.set(number, listener);
    return listener;
  }

  connect(to: Address): Promise<ByteStream> {
    const link = this.linkTo(to?.host);
    if (link === undefined || typeof to.port !== 'number') {
      return refused(() => {
        checkAddress(to);
        throw this.unknownHost(to.host);
      });
    }
    const local = this.address(this.anyPort(this.listeners));
    return dial(this, link, local, Object.freeze({ host: to.host, port: to.port }));
  }

  lookup(host: string): Promise<readonly string[]> {
    const { kernel } = this.network;
    return new Promise((resolve) => {
      const answer: Target = {
        fire: () => {
          if (!kernel.become(this.owner)) return;
          if (this.network.host(host) !== undefined) resolve([host]);
          else failLate(resolve, () => this.unknownHost(host));
        },
      };
      const link = this.network.link(this.host, this.host);
      kernel.schedule(answer, undefined, LOOKUP, link.actor, link.window());
    });
  }

  close(): void {
    if (this.host.stack === this) this.host.stack = undefined;
    for (const socket of this.sockets.values()) socket.abandon();
    for (const listener of this.listeners.values()) listener.die();
    this.sockets.clear();
    this.listeners.clear();
    for (const stream of this.streams) stream.killed();
    this.streams.clear();
  }

  inboxAt(port: number): Inbox<Datagram> | undefined {
    return this.sockets.get(port);
  }

  listenerAt(port: number): SimListener | undefined {
    return this.listeners.get(port);
  }

  freeSocket(port: number): void {
    this.sockets.delete(port);
  }

  freeListener(port: number): void {
    this.listeners.delete(port);
  }

  /** The link to the host of that name, if there is one. */
  linkTo(name: string): Link | undefined {
    let link = this.links.get(name);
    if (link === undefined) {
      const to = this.network.host(name);
      if (to === undefined) return undefined;
      link = this.network.link(this.host, to);
      this.links.set(name, link);
    }
    return link;
  }

  error(code: ConstructorParameters<typeof NetError>[0], message: string): NetError {
    return new NetError(code, message, msOfNs(this.clock.localNs()));
  }

  /** Frozen: other nodes get to see the same object. */
  private address(port: number): Address {
    return Object.freeze({ host: this.host.name, port });
  }

  unknownHost(host: string): NetError {
    return this.error('unknown-host', noNode(host));
  }

  private claimPort(port: number, taken: ReadonlyMap<number, unknown>): number {
    if (port === 0) return this.anyPort(taken);
    checkPort(port);
    if (taken.has(port)) {
      throw this.error('address-in-use', `port ${port} of ${this.host.name} is taken`);
    }
    return port;
  }

  private anyPort(taken: ReadonlyMap<number, unknown>): number {
    for (let tried = PORT_ANY_MIN; tried <= PORT_MAX; tried++) {
      const port = this.nextPort;
      this.nextPort = port === PORT_MAX ? PORT_ANY_MIN : port + 1;
      if (!taken.has(port)) return port;
    }
    throw this.error('address-in-use', `all dynamic ports of ${this.host.name} are taken`);
  }
}

/** Is its own inbox: with thousands of them each object on the way of a packet is a cache miss. */
export class SimSocket extends Inbox<Datagram> implements PlainSocket {
  readonly address: Address;
  private readonly stack: Stack;
  private readonly digest: Digest;
  private lastHost = '';
  private lastLink: Link | undefined;

  constructor(stack: Stack, address: Address) {
    super(DATAGRAMS_WAITING_MAX);
    this.stack = stack;
    this.address = address;
    this.digest = stack.network.kernel.digest;
  }

  send(to: Address, bytes: Uint8Array): void {
    if (this.isClosed) throw this.over();
    this.checkSize(bytes.length);
    this.digest.mix(to.port);
    this.digest.mixBytes(bytes);
    this.post(to, new BytesPacket(this.address, bytes, to.port));
  }

  sendPlain(to: Address, message: Plain): void {
    if (this.isClosed) throw this.over();
    const copy = copyPlain(message);
    if (plainBytesMax(copy) > DATAGRAM_BYTES_MAX) this.checkSize(encodePlain(copy).length);
    this.digest.mix(to.port);
    mixPlain(this.digest, copy);
    this.post(to, new PlainPacket(this.address, copy, to.port));
  }

  private checkSize(bytes: number): void {
    if (bytes > DATAGRAM_BYTES_MAX) {
      throw this.stack.error('too-large', `a datagram of ${bytes} bytes`);
    }
  }

  private post(to: Address, packet: Packet): void {
    // Most sockets answer whom they heard from last, in the same object.
    if (to.host !== this.lastHost) {
      this.lastHost = to.host;
      this.lastLink = this.stack.linkTo(to.host);
    }
    if (this.lastLink === undefined) return;
    this.digest.mix(this.lastLink.hash);
    this.lastLink.datagram(packet);
  }

  receive(): Promise<Datagram> {
    return this.take();
  }

  close(): void {
    if (this.isClosed) return;
    this.stack.freeSocket(this.address.port);
    this.drop(this.over());
  }

  private over(): Error {
    const { stack } = this;
    return stack.owner.alive ? stack.error('closed', 'the datagram socket is closed') : new Ended();
  }
}

export class SimListener implements Listener {
  readonly address: Address;
  private readonly stack: Stack;
  private readonly inbox = new Inbox<StreamEnd>(BACKLOG_MAX);
  private closed = false;

  constructor(stack: Stack, address: Address) {
    this.stack = stack;
    this.address = address;
  }

  accept(): Promise<ByteStream> {
    return this.inbox.take();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.stack.freeListener(this.address.port);
    const error = this.stack.error('closed', 'the listener is closed');
    for (const stream of this.inbox.end(error)) stream.abort();
    this.inbox.drop(error);
  }

  /** Its process has ended. */
  die(): void {
    this.closed = true;
    this.inbox.abandon();
  }

  /** False when too many connections wait to be accepted. */
  arrive(stream: StreamEnd): boolean {
    return this.inbox.put(stream);
  }
}
