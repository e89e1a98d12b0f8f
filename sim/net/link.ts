/** One direction between two hosts, and what the faults make of it. */

import { childOf, type Identity } from '../choice/identity.ts';
import { hashName } from '../choice/mix.ts';
import { type Site, site } from '../choice/site.ts';
import { perMille } from '../choice/strategy.ts';
import type { Inbox } from '../env/inbox.ts';
import type { Datagram } from '../env/net.ts';
import type { Target } from '../sched/agenda.ts';
import type { EventDetails, Kernel, Origin, Owner, Window } from '../sched/kernel.ts';
import type { EventKind } from '../trace/event.ts';

import type { Host } from './network.ts';
import type { Packet } from './packet.ts';

const DELIVER = site('net.deliver');
const LOSS = site('net.loss');
const DUPLICATE = site('net.duplicate');
const RETRANSMIT = site('net.retransmit');

/** What any packet meets, on every link. Chances are per 1,000 packets. */
export interface NetConditions {
  latencyNsMin: number;
  latencyNsMax: number;
  lossPerMille: number;
  duplicatePerMille: number;
}

export const QUIET_NET: NetConditions = {
  latencyNsMin: 1_000_000,
  latencyNsMax: 1_000_000,
  lossPerMille: 0,
  duplicatePerMille: 0,
};

/** First retransmission of a lost stream segment; each further one waits twice as long. */
export const RETRANSMIT_NS = 200_000_000;
const RETRANSMISSIONS_MAX = 6;

export class Link implements Target, Origin {
  // What every packet touches comes first: with thousands of links each line of cache counts.
  readonly to: Host;
  private readonly kernel: Kernel;
  readonly actor: number;
  /** Cuts in force; packets pass while it is 0. */
  cuts = 0;
  /** Added to every packet's latency by faults on this link. */
  slowNs = 0;
  readonly hash: number;
  stamp = 0;
  ordinal = 0;
  private lastPort = 0;
  private lastOwner: Owner | undefined;
  private lastInbox: Inbox<Datagram> | undefined;
  private readonly conditions: NetConditions;
  private readonly from: string;

  constructor(options: {
    kernel: Kernel;
    conditions: NetConditions;
    from: Host;
    to: Host;
    actor: number;
  }) {
    this.kernel = options.kernel;
    this.conditions = options.conditions;
    this.from = options.from.name;
    this.to = options.to;
    this.actor = options.actor;
    this.hash = DELIVER.hash ^ hashName(`${options.from.name}>${options.to.name}`);
  }

  get isCut(): boolean {
    return this.cuts > 0;
  }

  /** A datagram leaves; it may arrive once, twice or not at all. */
  datagram(packet: Packet): void {
    if (this.isCut) {
      this.tellOf('call', 'is cut off');
      return;
    }
    const identity = this.kernel.nextIdentity(this);
    const copies = this.copies(identity);
    if (copies === 0) {
      this.tellOf('device', 'is lost');
      return;
    }
    if (copies > 1) this.kernel.tell('device', '', () => this.inWords('is doubled'));
    this.post(this, packet, identity);
    if (copies > 1) this.post(this, packet.copy(), childOf(identity, DUPLICATE.hash, 0));
  }

  /** A datagram arrives. */
  fire(argument: unknown): void {
    const packet = argument as Packet;
    if (this.isCut) {
      this.tellOf('call', 'is cut off');
      return;
    }
    if (
      packet.toPort !== this.lastPort ||
      this.lastInbox === undefined ||
      this.lastInbox.isClosed
    ) {
      this.find(packet.toPort);
      if (this.lastInbox === undefined) return;
    }
    this.kernel.current = this.lastOwner!;
    this.lastInbox.put(packet);
  }

  /** With thousands of nodes the way from a packet to its inbox is all cache misses: shorten it. */
  private find(port: number): void {
    const { stack } = this.to;
    this.lastPort = port;
    this.lastOwner = stack?.owner;
    this.lastInbox = stack?.inboxAt(port);
    if (stack === undefined) this.tellOf('call', 'finds it down');
    else if (this.lastInbox === undefined) this.tellOf('call', `finds nobody at port ${port}`);
  }

  /** The arrival of something that leaves now; any number of them may overtake each other. */
  deliver(target: Target, packet: unknown): void {
    this.post(target, packet, this.kernel.nextIdentity(this));
  }

  private post(target: Target, packet: unknown, { lo, hi }: Identity): void {
    const { kernel, actor } = this;
    const { span } = kernel.choices;
    kernel.post(target, packet, lo, hi, DELIVER, actor, span, kernel.steps, this.window());
  }

  /** Copies of a datagram that get past loss and duplication. */
  private copies(identity: Identity): 0 | 1 | 2 {
    const { lossPerMille, duplicatePerMille } = this.conditions;
    if (lossPerMille > 0 && this.befalls(identity, LOSS, lossPerMille)) return 0;
    if (duplicatePerMille > 0 && this.befalls(identity, DUPLICATE, duplicatePerMille)) return 2;
    return 1;
  }

  /** Drawn by the packet's own identity, so that one more packet leaves the fates of others alone. */
  private befalls({ lo, hi }: Identity, fate: Site, chance: number, ordinal = 0): boolean {
    const about = { lo, hi, ordinal, actor: this.actor };
    return this.kernel.choices.branchAbout(about, fate, perMille(chance)) === 1;
  }

  /** It goes no further. */
  private tellOf(kind: EventKind, fate: string): void {
    const { from, to } = this;
    const about = (): EventDetails => ({ about: { nodes: [from, to.name] } });
    this.kernel.tell(kind, '', () => this.inWords(fate), about);
  }

  private inWords(fate: string): string {
    return `a datagram from ${this.from} to ${this.to.name} ${fate}`;
  }

  window(): Window {
    const { latencyNsMin, latencyNsMax } = this.conditions;
    const from = this.kernel.nowNs + this.slowNs;
    return {
      earliestNs: from + latencyNsMin,
      latestNs: from + latencyNsMax,
      spread: 'exponential',
    };
  }

  /** As `window`, for a stream's segment: what a datagram would lose, it sends again later. */
  reliableWindow(identity: Identity): Window {
    const { lossPerMille } = this.conditions;
    let lateNs = 0;
    let waitNs = RETRANSMIT_NS;
    if (lossPerMille > 0) {
      for (let sent = 1; sent < RETRANSMISSIONS_MAX; sent++) {
        if (!this.befalls(identity, RETRANSMIT, lossPerMille, sent - 1)) break;
        lateNs += waitNs;
        waitNs *= 2;
      }
    }
    const { earliestNs, latestNs, spread } = this.window();
    return { earliestNs: earliestNs + lateNs, latestNs: latestNs + lateNs, spread };
  }
}
