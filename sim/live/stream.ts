import { connect, type Socket } from 'node:net';
import { noNode } from '../env/given.ts';
import type { Address, ByteStream, NetError } from '../env/net.ts';
import { isPort, type NetContext } from './net-context.ts';

/** How long a connection attempt may take; in simulation cuts end one after 5 to 10 s. */
const DIAL_MS_MAX = 10_000;

/** How a host says that nothing listens there; the second, when it just stopped. */
const REFUSALS = new Set<string | undefined>(['ECONNREFUSED', 'ECONNRESET']);

const DONE: Promise<void> = Promise.resolve();

/** A TCP connection, read only as its reader asks, so that a slow one holds its writer back. */
export class LiveStream implements ByteStream {
  readonly local: Address;
  readonly remote: Address;
  private readonly context: NetContext;
  private readonly socket: Socket;
  private ended = false;
  private finished = false;
  private error: NetError | undefined;
  private reader: ((chunk: Uint8Array | undefined) => void) | undefined;
  private refuseReader: ((error: NetError) => void) | undefined;
  /** Those whose write waits for room. */
  private readonly refuseWriters = new Set<(error: NetError) => void>();

  constructor(context: NetContext, socket: Socket, remote: Address) {
    this.context = context;
    this.socket = socket;
    this.local = { host: context.host, port: socket.localPort! };
    this.remote = remote;
    socket.on('readable', () => {
      if (this.reader !== undefined) this.answerReader(this.chunk());
    });
    socket.on('end', () => {
      this.ended = true;
      this.reader?.(undefined);
      this.forgetReader();
    });
    socket.on('error', (cause) => {
      this.fail(context.error('reset', `the connection to ${remote.host} broke`, cause));
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.error !== undefined) return Promise.reject(this.error);
    if (this.finished) {
      return Promise.reject(this.context.error('closed', 'written to after the end'));
    }
    if (bytes.length === 0) return DONE;
    return new Promise((resolve, reject) => {
      const hasRoom = this.socket.write(new Uint8Array(bytes), (cause) => {
        // What went wrong is told by the event that follows.
        if (!cause && this.refuseWriters.delete(reject)) resolve();
      });
      if (hasRoom) resolve();
      else this.refuseWriters.add(reject);
    });
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.error !== undefined) return Promise.reject(this.error);
    if (this.ended) return Promise.resolve(undefined);
    if (this.reader !== undefined) throw new TypeError('one reader at a time');
    const chunk = this.chunk();
    if (chunk !== undefined) return Promise.resolve(chunk);
    return new Promise((resolve, reject) => {
      this.reader = resolve;
      this.refuseReader = reject;
    });
  }

  end(): void {
    if (this.finished || this.error !== undefined) return;
    this.finished = true;
    this.socket.end();
  }

  abort(): void {
    if (this.error !== undefined) return;
    this.fail(this.context.error('closed', `the stream to ${this.remote.host} was closed`));
    this.socket.resetAndDestroy();
  }

  /** What has arrived. Asking when nothing has also lets the socket tell of the peer's end. */
  private chunk(): Uint8Array | undefined {
    const chunk = this.socket.read() as Buffer | null;
    return chunk === null ? undefined : new Uint8Array(chunk);
  }

  private answerReader(chunk: Uint8Array | undefined): void {
    if (chunk === undefined) return;
    this.reader?.(chunk);
    this.forgetReader();
  }

  private forgetReader(): void {
    this.reader = undefined;
    this.refuseReader = undefined;
  }

  private fail(error: NetError): void {
    if (this.error !== undefined) return;
    this.error = error;
    this.refuseReader?.(error);
    this.forgetReader();
    for (const refuse of this.refuseWriters) refuse(error);
    this.refuseWriters.clear();
  }
}

/** Opens a connection. Rejects with NetError `unknown-host`, `refused`, `timed-out`. */
export function dial(context: NetContext, to: Address): Promise<ByteStream> {
  const { error, hosts } = context;
  const host = hosts.addressOf(to.host);
  if (host === undefined) {
    return Promise.reject(error('unknown-host', noNode(to.host)));
  }
  const refused = `nothing listens on port ${to.port} of ${to.host}`;
  if (!isPort(to.port)) return Promise.reject(error('refused', refused));
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: to.port,
      localAddress: context.address,
      family: 4,
      allowHalfOpen: true,
      noDelay: true,
    });
    context.adopt(socket);
    const timedOut = (cause?: unknown): void => {
      reject(error('timed-out', `no answer from ${to.host}`, cause));
      socket.destroy();
    };
    const patience = setTimeout(timedOut, DIAL_MS_MAX);
    const failed = (cause: NodeJS.ErrnoException): void => {
      if (REFUSALS.has(cause.code)) reject(error('refused', refused, cause));
      else timedOut(cause);
    };
    socket.once('error', failed);
    socket.once('close', () => clearTimeout(patience));
    socket.once('connect', () => {
      clearTimeout(patience);
      socket.off('error', failed);
      resolve(new LiveStream(context, socket, to));
    });
  });
}
