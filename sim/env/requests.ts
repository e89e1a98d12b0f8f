/**
 * Request and reply over datagrams, the same on both implementations of the network.
 *
 *     request  { id, method, body }      to port REQUEST_PORT of the answering node
 *     reply    { id, ok } or { id, error }   to the port the request came from
 *
 * Nothing is sent again: loss shows as `timed-out`, and a doubled request is answered twice. Ids
 * start at a number of the node's choosing, so that a reply to an earlier incarnation is ignored.
 */

import { failLate } from './fail-late.ts';
import { checkFunction, checkName, inWords, noNode } from './given.ts';
import {
  type Address,
  type Datagram,
  type DatagramSocket,
  type Net,
  NetError,
  type Plain,
  type RequestHandler,
} from './net.ts';
import { decodePlain, encodePlain, PlainError } from './plain.ts';
import type { Timer, Timers } from './timers.ts';

/** Where requests are answered on every node. */
const REQUEST_PORT = 4444;

interface Waiting {
  readonly host: string;
  readonly method: string;
  readonly timer: Timer;
  resolve(reply: Plain | Promise<never>): void;
}

/** Plain data under way, the receiver's own copy. Its bytes are made when somebody looks at them. */
export class PlainDatagram implements Datagram {
  readonly from: Address;
  readonly message: Plain;
  private made: Uint8Array | undefined;

  constructor(from: Address, message: Plain) {
    this.from = from;
    this.message = message;
  }

  get bytes(): Uint8Array {
    this.made ??= encodePlain(this.message);
    return this.made;
  }
}

/** A socket that sends plain data, where possible without making bytes of it. */
export interface PlainSocket extends DatagramSocket {
  /**
   * Sends a copy of `message`, as bytes as `encodePlain` makes them.
   *
   * @throws NetError `closed`, `too-large`
   * @throws TypeError on what is not plain data
   */
  sendPlain(to: Address, message: Plain): void;
}

export interface RequestsOptions {
  readonly transport: { datagrams(port: number): PlainSocket };
  readonly timers: Timers;
  /** Monotonic milliseconds, for errors. */
  nowMs(): number;
  /** The first request's id. */
  firstId(): number;
  knowsHost(host: string): boolean;
  /** What a story tells of requests. */
  readonly onRequest?: (from: string, method: string, body: Plain) => void;
  readonly onReply?: (from: string, method: string, ok: Plain, failed: string | undefined) => void;
  /** The handler of `method` threw, or rejected; the caller is told no more than the message. */
  readonly onThrown?: (method: string, thrown: unknown, request: RequestName) => void;
  /** The caller's error for that. */
  readonly onRemote?: (error: NetError, request: RequestName) => void;
}

/** What tells one request of a run from all others. */
export interface RequestName {
  readonly from: Address;
  readonly to: string;
  readonly id: number;
}

type Message = {
  readonly id: number;
  readonly method?: string;
  readonly body?: Plain;
  readonly ok?: Plain;
  readonly error?: string;
};

export class Requests implements Pick<Net, 'serve' | 'call'> {
  private readonly options: RequestsOptions;
  private readonly handlers = new Map<string, RequestHandler>();
  private readonly waiting = new Map<number, Waiting>();
  private server: PlainSocket | undefined;
  private client: PlainSocket | undefined;
  private nextId = 0;

  constructor(options: RequestsOptions) {
    this.options = options;
  }

  serve(method: string, handler: RequestHandler): void {
    const takes = 'env.net.serve(method, (request, from) => { … })';
    checkName('net.serve', method, takes);
    checkFunction(`net.serve(${inWords(method)}, …)`, handler, takes);
    if (this.handlers.has(method)) {
      throw this.error('address-in-use', `requests '${method}' have a handler already`);
    }
    this.handlers.set(method, handler);
    if (this.server !== undefined) return;
    this.server = this.options.transport.datagrams(REQUEST_PORT);
    this.receive(this.server, (datagram) => this.answer(datagram));
  }

  call(
    host: string,
    method: string,
    body: Plain,
    options: { timeoutMs: number } | undefined,
  ): Promise<Plain> {
    const { timeoutMs } = options ?? {};
    if (timeoutMs === undefined) {
      const call = `call('${host}', '${method}', request, { timeoutMs })`;
      return Promise.reject(
        new TypeError(`${call}: there is no timeoutMs, and no call waits for ever`),
      );
    }
    if (!this.options.knowsHost(host)) {
      return Promise.reject(this.error('unknown-host', noNode(host)));
    }
    const socket = this.clientSocket();
    const id = this.nextId++;
    try {
      socket.sendPlain({ host, port: REQUEST_PORT }, { id, method, body });
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      const timer = this.options.timers.after(timeoutMs, () => {
        this.waiting.delete(id);
        const message = `no reply to '${method}' from ${host} in ${timeoutMs} ms`;
        reject(NetError.late('timed-out', message, this.options.nowMs()));
      });
      this.waiting.set(id, { host, method, timer, resolve });
    });
  }

  private clientSocket(): PlainSocket {
    if (this.client === undefined) {
      this.client = this.options.transport.datagrams(0);
      this.nextId = this.options.firstId();
      this.receive(this.client, (datagram) => this.settle(datagram));
    }
    return this.client;
  }

  private async receive(socket: DatagramSocket, take: (datagram: Datagram) => void): Promise<void> {
    try {
      for (;;) take(await socket.receive());
    } catch (error) {
      if (!(error instanceof NetError && error.code === 'closed')) throw error;
    }
  }

  private answer(datagram: Datagram): void {
    const request = messageIn(datagram);
    if (request?.method === undefined) return;
    const { id, method, body = null } = request;
    this.options.onRequest?.(datagram.from.host, method, body);
    const send = (message: Plain): void => this.server!.sendPlain(datagram.from, message);
    const failed = (error: unknown): void => send({ id, error: said(error) });
    const reply = (ok: Plain): void => {
      try {
        send({ id, ok });
      } catch (error) {
        failed(`the reply to '${method}' cannot be sent: ${said(error)}`);
      }
    };
    const handler = this.handlers.get(method);
    if (handler === undefined) {
      failed(`nothing answers requests '${method}'`);
      return;
    }
    const thrown = (error: unknown): void => {
      const to = this.server!.address.host;
      this.options.onThrown?.(method, error, { from: datagram.from, to, id });
      failed(error);
    };
    try {
      const result = handler(body, datagram.from.host);
      if (result instanceof Promise) result.then(reply, thrown);
      else reply(result);
    } catch (error) {
      thrown(error);
    }
  }

  private settle(datagram: Datagram): void {
    const reply = messageIn(datagram);
    const waiting = reply && this.waiting.get(reply.id);
    if (waiting === undefined || waiting.host !== datagram.from.host) return;
    this.waiting.delete(reply!.id);
    waiting.timer.cancel();
    const { ok = null, error } = reply!;
    this.options.onReply?.(waiting.host, waiting.method, ok, error);
    if (error === undefined) {
      waiting.resolve(ok);
      return;
    }
    const from = this.client!.address;
    failLate(waiting.resolve, () => {
      const failed = this.error('remote', error);
      this.options.onRemote?.(failed, { from, to: waiting.host, id: reply!.id });
      return failed;
    });
  }

  private error(code: ConstructorParameters<typeof NetError>[0], message: string): NetError {
    return new NetError(code, message, this.options.nowMs());
  }
}

/** What was thrown, as far as a reply has room for it. */
function said(thrown: unknown): string {
  const text = typeof thrown === 'object' && thrown !== null ? messageOf(thrown) : String(thrown);
  return text.length <= SAID_MAX ? text : `${text.slice(0, SAID_MAX)}…`;
}

const SAID_MAX = 8192;

function messageOf(thrown: object): string {
  const { message } = thrown as { readonly message?: unknown };
  if (typeof message === 'string') return message;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}

/** The message in a datagram, or undefined when it is not one of ours: anybody can send here. */
function messageIn(datagram: Datagram): Message | undefined {
  try {
    const message =
      datagram instanceof PlainDatagram ? datagram.message : decodePlain(datagram.bytes);
    if (message === null || typeof message !== 'object' || !('id' in message)) return undefined;
    return message as unknown as Message;
  } catch (error) {
    if (error instanceof PlainError) return undefined;
    throw error;
  }
}
