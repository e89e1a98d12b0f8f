/**
 * The network of one live node: UDP and TCP on its own address, with requests on top.
 *
 * Ports are the node's alone, since its address is: so a listener's port is claimed here, at once,
 * although Node.js binds it a moment later.
 */
import type { Socket } from 'node:net';
import { checkAddress, checkPort, noNode } from '../env/given.ts';
import {
  type Address,
  type ByteStream,
  type Listener,
  type Net,
  NetError,
  type Plain,
  PORT_MAX,
  type RequestHandler,
} from '../env/net.ts';
import { type PlainSocket, Requests } from '../env/requests.ts';
import type { Timers } from '../env/timers.ts';
import type { Hosts } from './hosts.ts';
import { LiveListener } from './listener.ts';
import type { NetContext } from './net-context.ts';
import { dial } from './stream.ts';
import { LiveSocket } from './udp.ts';

/** The first port given to who asks for any: above those that Linux gives to outgoing connections. */
const PORT_ANY_MIN = 61_000;

export interface LiveNetOptions {
  readonly host: string;
  readonly address: string;
  readonly hosts: Hosts;
  readonly timers: Timers;
  nowMs(): number;
  /** The first request's id. */
  firstId(): number;
  /** Told when the node begins to answer others: on a fixed port, as a listener, or to requests. */
  serves(): void;
}

export class LiveNet implements Net {
  private readonly options: LiveNetOptions;
  private readonly context: NetContext;
  private readonly requests: Requests;
  private readonly sockets = new Set<LiveSocket>();
  private readonly listeners = new Map<number, LiveListener>();
  private readonly connections = new Set<Socket>();
  private nextPort = PORT_ANY_MIN;

  constructor(options: LiveNetOptions) {
    const { host, address, hosts, timers } = options;
    const nowMs = (): number => options.nowMs();
    this.options = options;
    this.context = {
      host,
      address,
      hosts,
      adopt: (socket) => this.adopt(socket),
      error: (code, message, cause) =>
        new NetError(code, message, nowMs(), cause === undefined ? {} : { cause }),
    };
    this.requests = new Requests({
      transport: this,
      timers,
      nowMs,
      firstId: () => options.firstId(),
      knowsHost: (name) => hosts.addressOf(name) !== undefined,
    });
  }

  datagrams(port: number): PlainSocket {
    checkPort(port);
    const socket = new LiveSocket(this.context, port, (closed) => this.sockets.delete(closed));
    this.sockets.add(socket);
    if (port !== 0) this.options.serves();
    return socket;
  }

  listen(port: number): Listener {
    const number = this.claimPort(port);
    const listener = new LiveListener(this.context, number, () => this.listeners.delete(number));
    this.listeners.set(number, listener);
    this.options.serves();
    return listener;
  }

  async connect(to: Address): Promise<ByteStream> {
    checkAddress(to);
    return dial(this.context, to);
  }

  async lookup(host: string): Promise<readonly string[]> {
    const { hosts, error } = this.context;
    const address = hosts.addressOf(host);
    if (address === undefined) throw error('unknown-host', noNode(host));
    return [address];
  }

  serve(method: string, handler: RequestHandler): void {
    this.requests.serve(method, handler);
  }

  call(
    host: string,
    method: string,
    request: Plain,
    options: { timeoutMs: number },
  ): Promise<Plain> {
    return this.requests.call(host, method, request, options);
  }

  /** As when the process ends: nothing is told to the program, peers see what a dead one leaves. */
  close(): void {
    for (const socket of this.sockets) socket.drop();
    for (const listener of this.listeners.values()) listener.drop();
    for (const connection of this.connections) connection.destroy();
  }

  private adopt(connection: Socket): void {
    this.connections.add(connection);
    connection.once('close', () => this.connections.delete(connection));
  }

  private claimPort(port: number): number {
    checkPort(port);
    if (port === 0) return this.anyPort();
    if (this.listeners.has(port)) throw this.taken(`port ${port} of ${this.context.host} is taken`);
    return port;
  }

  private anyPort(): number {
    for (let tried = PORT_ANY_MIN; tried <= PORT_MAX; tried++) {
      const port = this.nextPort;
      this.nextPort = port === PORT_MAX ? PORT_ANY_MIN : port + 1;
      if (!this.listeners.has(port)) return port;
    }
    throw this.taken(`all dynamic ports of ${this.context.host} are taken`);
  }

  private taken(message: string): NetError {
    return this.context.error('address-in-use', message);
  }
}
