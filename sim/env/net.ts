/** Where a message goes or comes from. `host` is a node's name, such as `replica-2`. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * - `address-in-use`: the port is taken on this node
 * - `unknown-host`: no node has this name, or its name could not be looked up
 * - `refused`: the host is up and nothing listens on that port
 * - `timed-out`: no answer within the time given (it may still have been acted upon)
 * - `reset`: the peer, or the way to it, is gone; what was written last may or may not have arrived
 * - `closed`: this end was closed before or while the call was made
 * - `too-large`: over {@link DATAGRAM_BYTES_MAX}
 * - `remote`: the handler of a request threw; its message is in `message`
 */
export type NetErrorCode =
  | 'address-in-use'
  | 'unknown-host'
  | 'refused'
  | 'timed-out'
  | 'reset'
  | 'closed'
  | 'too-large'
  | 'remote';

export class NetError extends Error {
  override readonly name = 'NetError';
  readonly code: NetErrorCode;
  /** Milliseconds on the monotonic clock of the node that saw the error. */
  readonly atMs: number;

  constructor(code: NetErrorCode, message: string, atMs: number, options?: ErrorOptions) {
    super(`${message} (${code})`, options);
    this.code = code;
    this.atMs = atMs;
  }

  /**
   * One without a stack. Requests run out of time by the thousand, and to find who awaits each of them
   * took a quarter of a run.
   */
  static late(code: NetErrorCode, message: string, atMs: number): NetError {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    const error = new NetError(code, message, atMs);
    Error.stackTraceLimit = limit;
    return error;
  }
}

/** The highest port; 0 asks for any free one. */
export const PORT_MAX = 65_535;

/** The largest datagram: what fits one UDP packet over IPv4. */
export const DATAGRAM_BYTES_MAX = 65_507;

/** Datagrams that wait unread at a socket; one more is dropped, as a full receive buffer does. */
export const DATAGRAMS_WAITING_MAX = 4096;

export interface Datagram {
  readonly from: Address;
  readonly bytes: Uint8Array;
}

/** Unreliable messages: lost, doubled and overtaken ones are normal. */
export interface DatagramSocket {
  readonly address: Address;
  /**
   * Sends a copy of `bytes`; nobody tells whether it arrives.
   *
   * @throws NetError `closed`, `too-large`
   */
  send(to: Address, bytes: Uint8Array): void;
  /** The next datagram. Rejects with NetError `closed`. One receiver at a time. */
  receive(): Promise<Datagram>;
  close(): void;
}

/** Reliable, ordered bytes in both directions; boundaries between writes are not kept. */
export interface ByteStream {
  readonly local: Address;
  readonly remote: Address;
  /**
   * Resolves when the local buffer has room again, which says nothing about arrival.
   * Rejects with NetError `reset`, `closed`.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** What has arrived, at least one byte; `undefined` after the peer's end. Rejects with `reset`. */
  read(): Promise<Uint8Array | undefined>;
  /** Nothing more will be written; reading goes on. */
  end(): void;
  /** Drops the connection at once; the peer sees `reset`. */
  abort(): void;
}

export interface Listener {
  readonly address: Address;
  /** The next connection. Rejects with NetError `closed`. One acceptor at a time. */
  accept(): Promise<ByteStream>;
  close(): void;
}

/**
 * What the two implementations provide; {@link Net} adds request and reply on top.
 * Port 0 asks for any free one. An open socket or listener keeps its node running.
 */
export interface Transport {
  /** @throws NetError `address-in-use` */
  datagrams(port: number): DatagramSocket;
  /** @throws NetError `address-in-use` */
  listen(port: number): Listener;
  /** Rejects with NetError `unknown-host`, `refused`, `timed-out`. */
  connect(to: Address): Promise<ByteStream>;
  /** The addresses of a host name, as text. Rejects with NetError `unknown-host`. */
  lookup(host: string): Promise<readonly string[]>;
}

/** Plain data: what JSON can carry, and bytes. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** Answers one kind of request; what it throws reaches the caller as NetError `remote`. */
export type RequestHandler = (request: Plain, from: string) => Plain | Promise<Plain>;

export interface Net extends Transport {
  /**
   * Answers requests named `method` sent to this node by {@link Net.call}, from now on.
   *
   * @throws NetError `address-in-use` when the method already has a handler
   */
  serve(method: string, handler: RequestHandler): void;

  /**
   * Sends one request datagram to the node named `host` and resolves with its reply. Not retried:
   * after `timed-out` the request may have been acted upon, and a doubled request is acted upon
   * twice. Rejects with NetError `timed-out`, `unknown-host`, `too-large`, `remote`, `closed`.
   */
  call(
    host: string,
    method: string,
    request: Plain,
    options: { timeoutMs: number },
  ): Promise<Plain>;
}
