/**
 * Byte streams: connections as TCP gives them (RFC 9293), without its packets. Each direction is a
 * lane of segments; loss and cuts delay them (retransmission), and end the connection when they
 * last. A killed process's kernel closes for it: with a reset if data was left unread, else an end.
 */
import type { Identity } from '../choice/identity.ts';
import { both } from '../choice/mix.ts';
import { site } from '../choice/site.ts';
import { failLate } from '../env/fail-late.ts';
import type { Address, ByteStream, NetError, NetErrorCode } from '../env/net.ts';
import type { Target } from '../sched/agenda.ts';
import { never } from '../sched/ended.ts';
import type { Kernel, Window } from '../sched/kernel.ts';
import { Lane } from '../sched/lane.ts';
import { type Link, RETRANSMIT_NS } from './link.ts';
import type { Stack } from './stack.ts';

const SEGMENT = site('net.segment');
const DIAL = site('net.dial');

/** Bytes on the way or unread before a write waits. */
const WINDOW_BYTES = 65_536;
/** How long a connection keeps trying across a cut. */
const GIVE_UP_NS = 15_000_000_000;
const DIAL_AGAIN_NS = 1_000_000_000;
const DIALS_MAX = 5;

const END = 'end';
const RESET = 'reset';
type Segment = Uint8Array | typeof END | typeof RESET;

const DONE: Promise<void> = Promise.resolve();

export class StreamEnd implements ByteStream, Target {
  readonly local: Address;
  readonly remote: Address;
  private readonly stack: Stack;
  private readonly link: Link;
  private readonly lane: Lane;
  private peer!: StreamEnd;

  private chunks: Uint8Array[] = [];
  private ended = false;
  private error: NetError | undefined;
  /** Makes the error anew, for who waits. */
  private why!: () => NetError;
  private reader: ((outcome: Uint8Array | undefined | Promise<never>) => void) | undefined;

  private unreadBytes = 0;
  private finished = false;
  private writers: ((outcome?: Promise<never>) => void)[] = [];
  private cutSinceNs = -1;

  private readonly window = (segment: Identity): Window => this.link.reliableWindow(segment);

  constructor(stack: Stack, link: Link, local: Address, remote: Address) {
    this.stack = stack;
    this.link = link;
    this.local = local;
    this.remote = remote;
    const { kernel } = stack.network;
    // Ports may come again after a restart, while a connection of the last life is still open.
    const hash = both(link.hash ^ local.port, kernel.choices.asker.lo);
    this.lane = new Lane(kernel, SEGMENT, link.actor, hash);
    stack.streams.add(this);
  }

  static pair(client: StreamEnd, server: StreamEnd): void {
    client.peer = server;
    server.peer = client;
  }

  write(bytes: Uint8Array): Promise<void> {
    const refused = this.refusal();
    if (refused !== undefined) return this.rejected(refused);
    if (bytes.length === 0) return DONE;
    this.kernel.digest.mixBytes(bytes);
    this.peer.unreadBytes += bytes.length;
    this.send(new Uint8Array(bytes));
    if (this.peer.unreadBytes <= WINDOW_BYTES) return DONE;
    return new Promise((resolve) => {
      this.writers.push(resolve);
    });
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.chunks.length > 0) return Promise.resolve(this.takeChunks());
    if (this.error !== undefined) return this.rejected(this.error);
    if (this.ended) return Promise.resolve(undefined);
    if (this.reader !== undefined) throw new TypeError('one reader at a time');
    return new Promise((resolve) => {
      this.reader = resolve;
    });
  }

  end(): void {
    if (this.finished || this.error !== undefined) return;
    this.finished = true;
    this.send(END);
    this.forgetIfDone();
  }

  abort(): void {
    if (this.error !== undefined) return;
    const over = this.ended && this.finished;
    this.fail('closed', `the stream to ${this.remote.host} was closed`);
    // After both ends nothing is left to reset, and what this one sent last still arrives.
    if (over) return;
    this.lane.clear();
    this.send(RESET);
  }

  /** The process of this end is gone. */
  killed(): void {
    if (this.error !== undefined) return;
    const lost = this.unreadBytes > 0;
    this.why = () => this.stack.error('closed', 'the process ended');
    this.error = this.why();
    if (lost) this.lane.clear();
    if (lost || !this.finished) this.send(lost ? RESET : END);
    this.finished = true;
  }

  /** A segment of this end arrives at the peer. */
  fire(argument: unknown): void {
    const segment = argument as Segment;
    if (this.link.isCut) {
      this.waitForLink(segment);
      return;
    }
    this.cutSinceNs = -1;
    this.peer.arrive(segment);
  }

  private get kernel(): Kernel {
    return this.stack.network.kernel;
  }

  private send(segment: Segment): void {
    this.lane.enqueue(this, segment, this.window);
  }

  private waitForLink(segment: Segment): void {
    const { nowNs } = this.kernel;
    if (this.cutSinceNs < 0) this.cutSinceNs = nowNs;
    if (nowNs - this.cutSinceNs > GIVE_UP_NS) {
      this.kernel.current = this.stack.owner;
      this.lane.clear();
      this.fail('reset', `no way to ${this.remote.host} for ${GIVE_UP_NS / 1e9} s`);
      return;
    }
    const earliestNs = nowNs + RETRANSMIT_NS;
    this.lane.again(this, segment, {
      earliestNs,
      latestNs: earliestNs + RETRANSMIT_NS,
      spread: 'uniform',
    });
  }

  private arrive(segment: Segment): void {
    const alive = this.kernel.become(this.stack.owner);
    if (segment === RESET) {
      this.fail('reset', `${this.remote.host} dropped the connection`);
    } else if (this.error !== undefined || !alive) {
      this.refuse();
    } else if (segment === END) {
      this.ended = true;
      this.answerReader(undefined);
      this.forgetIfDone();
    } else {
      this.chunks.push(segment);
      if (this.reader !== undefined) this.answerReader(this.takeChunks());
    }
  }

  /** Data for an end that is no more: its machine answers with a reset. */
  private refuse(): void {
    if (this.peer.error !== undefined) return;
    this.lane.clear();
    this.send(RESET);
  }

  private answerReader(chunk: Uint8Array | undefined): void {
    const { reader } = this;
    this.reader = undefined;
    reader?.(chunk);
  }

  private takeChunks(): Uint8Array {
    const { chunks } = this;
    const chunk = chunks.length === 1 ? chunks[0]! : joined(chunks);
    this.chunks = [];
    this.unreadBytes -= chunk.length;
    this.peer.wakeWriters();
    return chunk;
  }

  /** The peer has read, which this end learns after a packet's way. */
  private wakeWriters(): void {
    if (this.writers.length === 0 || this.peer.unreadBytes > WINDOW_BYTES) return;
    const { writers } = this;
    this.writers = [];
    this.peer.link.deliver(
      {
        fire: () => {
          if (!this.kernel.become(this.stack.owner)) return;
          for (const writer of writers) {
            if (this.error === undefined) writer();
            else failLate(writer, this.why);
          }
        },
      },
      undefined,
    );
  }

  private refusal(): NetError | undefined {
    if (this.error !== undefined) return this.error;
    if (this.finished) return this.stack.error('closed', 'written to after the end');
    return undefined;
  }

  private rejected(error: NetError): Promise<never> {
    return this.stack.owner.alive ? Promise.reject(error) : never();
  }

  private fail(code: NetErrorCode, message: string): void {
    if (this.error !== undefined) return;
    this.why = () => this.stack.error(code, message);
    this.error = this.why();
    this.chunks = [];
    this.unreadBytes = 0;
    if (this.reader !== undefined) failLate(this.reader, this.why);
    this.reader = undefined;
    for (const writer of this.writers) failLate(writer, this.why);
    this.writers = [];
    this.forget();
  }

  private forgetIfDone(): void {
    if (this.ended && this.finished) this.forget();
  }

  /** Nothing more to do when the process ends. */
  forget(): void {
    this.stack.streams.delete(this);
  }
}

/** Opens a connection: the way there, the peer's answer, the way back. */
export function dial(stack: Stack, link: Link, local: Address, to: Address): Promise<ByteStream> {
  return new Promise((resolve) => {
    new Dial(stack, link, local, to, resolve).knock();
  });
}

class Dial implements Target {
  private readonly stack: Stack;
  private readonly local: Address;
  private readonly to: Address;
  private readonly resolve: (outcome: ByteStream | Promise<never>) => void;
  private readonly there: Link;
  private readonly back: Link;
  private dials = 0;

  constructor(
    stack: Stack,
    link: Link,
    local: Address,
    to: Address,
    resolve: (outcome: ByteStream | Promise<never>) => void,
  ) {
    this.stack = stack;
    this.local = local;
    this.to = to;
    this.resolve = resolve;
    this.there = link;
    this.back = stack.network.link(link.to, stack.host);
  }

  knock(): void {
    this.dials++;
    this.there.deliver(this, undefined);
  }

  /** The knock arrives at the peer's machine. */
  fire(): void {
    if (this.there.isCut || this.back.isCut) {
      this.later(() => this.knockAgain());
      return;
    }
    const { stack } = this.there.to;
    const listener = stack?.listenerAt(this.to.port);
    if (stack === undefined || listener === undefined) {
      this.answer(() => failLate(this.resolve, () => this.refused()));
      return;
    }
    const server = new StreamEnd(stack, this.back, this.to, this.local);
    const client = new StreamEnd(this.stack, this.there, this.local, this.to);
    StreamEnd.pair(client, server);
    stack.network.kernel.current = stack.owner;
    if (listener.arrive(server)) {
      this.answer(() => this.resolve(client), client);
      return;
    }
    server.forget();
    client.forget();
    this.answer(() => failLate(this.resolve, () => this.refused()));
  }

  /** `client` is the end for which nobody may be left to take it: its machine answers with a reset. */
  private answer(outcome: () => void, client?: StreamEnd): void {
    const arrival: Target = {
      fire: () => {
        const { owner } = this.stack;
        if (this.back.isCut && owner.alive) this.later(() => this.answerAgain(arrival, client));
        else if (this.stack.network.kernel.become(owner)) outcome();
        else client?.abort();
      },
    };
    this.back.deliver(arrival, undefined);
  }

  /** An answer that met a cut is sent again, as often as one knocks. */
  private answerAgain(arrival: Target, client: StreamEnd | undefined): void {
    this.dials++;
    if (this.dials <= DIALS_MAX) this.back.deliver(arrival, undefined);
    else {
      failLate(this.resolve, () => this.timedOut());
      client?.abort();
    }
  }

  private knockAgain(): void {
    if (this.dials < DIALS_MAX) this.knock();
    else failLate(this.resolve, () => this.timedOut());
  }

  /** After the time in which nobody has answered; not if the process has ended by then. */
  private later(then: () => void): void {
    const { kernel } = this.stack.network;
    const again: Target = {
      fire: () => {
        if (kernel.become(this.stack.owner)) then();
      },
    };
    const earliestNs = kernel.nowNs + DIAL_AGAIN_NS;
    kernel.schedule(again, undefined, DIAL, this.there.actor, {
      earliestNs,
      latestNs: earliestNs + DIAL_AGAIN_NS,
      spread: 'uniform',
    });
  }

  private timedOut(): NetError {
    return this.stack.error('timed-out', `no answer from ${this.to.host}`);
  }

  private refused(): NetError {
    const { host, port } = this.to;
    return this.stack.error('refused', `nothing listens on port ${port} of ${host}`);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
