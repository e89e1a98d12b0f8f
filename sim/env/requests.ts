/**
 * Request and reply over datagrams, the same on both implementations of the network.
 *
 *     request  { id, method, body }      to port REQUEST_PORT of the answering node
 *     reply    { id, ok } or { id, error }   to the port the request came from
 *
 * Nothing is sent again: loss shows as `timed-out`, and a doubled request is answered twice. Ids
 * start at a number of the node's choosing, so that a reply to an earlier incarnation is ignored.
 */
import {
  type Address,
  DATAGRAM_BYTES_MAX,
  type Datagram,
  type DatagramSocket,
  type Net,
  NetError,
  type Plain,
  type RequestHandler,
} from './net.ts';
import { decodePlain, PlainError, plainToText, textToPlain, utf8 } from './plain.ts';
import type { Timer, Timers } from './timers.ts';

/** Where requests are answered on every node. */
const REQUEST_PORT = 4444;

interface Waiting {
  readonly host: string;
  readonly method: string;
  readonly timer: Timer;
  resolve(reply: Plain): void;
  reject(error: NetError): void;
}

/** Text under way as its bytes in UTF-8, which are made when somebody looks at them. */
export class TextDatagram implements Datagram {
  readonly from: Address;
  readonly text: string;
  private made: Uint8Array | undefined;

  constructor(from: Address, text: string) {
    this.from = from;
    this.text = text;
  }

  get bytes(): Uint8Array {
    this.made ??= utf8(this.text);
    return this.made;
  }
}

/** A socket that sends text, where possible without making bytes of it. */
export interface TextSocket extends DatagramSocket {
  sendText(to: Address, text: string): void;
}

export interface RequestsOptions {
  readonly transport: { datagrams(port: number): TextSocket };
  readonly timers: Timers;
  /** Monotonic milliseconds, for errors. */
  nowMs(): number;
  /** The first request's id. */
  firstId(): number;
  knowsHost(host: string): boolean;
  /** What a story tells of requests. */
  readonly onRequest?: (from: string, method: string, body: Plain) => void;
  readonly onReply?: (from: string, method: string, reply: Plain | NetError) => void;
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
  private server: TextSocket | undefined;
  private client: TextSocket | undefined;
  private nextId = 0;

  constructor(options: RequestsOptions) {
    this.options = options;
  }

  serve(method: string, handler: RequestHandler): void {
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
      return Promise.reject(this.error('unknown-host', `no node is named '${host}'`));
    }
    const socket = this.clientSocket();
    const id = this.nextId++;
    const text = plainToText({ id, method, body });
    if (utf8Length(text) > DATAGRAM_BYTES_MAX) {
      return Promise.reject(this.error('too-large', `a request of ${utf8Length(text)} bytes`));
    }
    return new Promise((resolve, reject) => {
      const timer = this.options.timers.after(timeoutMs, () => {
        this.waiting.delete(id);
        const message = `no reply to '${method}' from ${host} in ${timeoutMs} ms`;
        reject(NetError.late('timed-out', message, this.options.nowMs()));
      });
      this.waiting.set(id, { host, method, timer, resolve, reject });
      socket.sendText({ host, port: REQUEST_PORT }, text);
    });
  }

  private clientSocket(): TextSocket {
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
    const request = messageOf(datagram);
    if (request?.method === undefined) return;
    const { id, method, body = null } = request;
    this.options.onRequest?.(datagram.from.host, method, body);
    const reply = (message: { ok: Plain } | { error: string }): void => {
      const text = plainToText({ id, ...message });
      const length = utf8Length(text);
      if (length <= DATAGRAM_BYTES_MAX) this.server!.sendText(datagram.from, text);
      else reply({ error: `the reply to '${method}' has ${length} bytes` });
    };
    const handler = this.handlers.get(method);
    if (handler === undefined) {
      reply({ error: `nothing answers requests '${method}'` });
      return;
    }
    const failed = (error: unknown): void =>
      reply({ error: (error as Error)?.message ?? String(error) });
    try {
      const result = handler(body, datagram.from.host);
      if (result instanceof Promise) result.then((ok) => reply({ ok }), failed);
      else reply({ ok: result });
    } catch (error) {
      failed(error);
    }
  }

  private settle(datagram: Datagram): void {
    const reply = messageOf(datagram);
    const waiting = reply && this.waiting.get(reply.id);
    if (waiting === undefined || waiting.host !== datagram.from.host) return;
    this.waiting.delete(reply!.id);
    waiting.timer.cancel();
    const { ok = null, error } = reply!;
    const failed =
      error === undefined ? undefined : NetError.late('remote', error, this.options.nowMs());
    this.options.onReply?.(waiting.host, waiting.method, failed ?? ok);
    if (failed === undefined) waiting.resolve(ok);
    else waiting.reject(failed);
  }

  private error(code: ConstructorParameters<typeof NetError>[0], message: string): NetError {
    return new NetError(code, message, this.options.nowMs());
  }
}

/** Text of fewer units than this has fewer bytes than a datagram may. */
const SURELY_FITS = DATAGRAM_BYTES_MAX / 3;

/** Exact where it matters. */
function utf8Length(text: string): number {
  return text.length <= SURELY_FITS ? text.length : Buffer.byteLength(text);
}

/** The message in a datagram, or undefined when it is not one of ours: anybody can send here. */
function messageOf(datagram: Datagram): Message | undefined {
  try {
    const message =
      datagram instanceof TextDatagram ? textToPlain(datagram.text) : decodePlain(datagram.bytes);
    if (message === null || typeof message !== 'object' || !('id' in message)) return undefined;
    return message as unknown as Message;
  } catch (error) {
    if (error instanceof PlainError) return undefined;
    throw error;
  }
}
