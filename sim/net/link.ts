/** One direction between two hosts, and what the faults make of it. */

import { hashName } from '../choice/mix.ts';
import { site } from '../choice/site.ts';
import { perMille } from '../choice/strategy.ts';
import type { Inbox } from '../env/inbox.ts';
import type { Datagram } from '../env/net.ts';
import type { Target } from '../sched/agenda.ts';
import type { Kernel, Origin, Owner, Window } from '../sched/kernel.ts';
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
    const copies = this.copies();
    if (copies !== 1) this.tellOf('device', copies === 0 ? 'is lost' : 'is doubled');
    if (copies > 0) this.deliver(this, packet);
    if (copies > 1) this.deliver(this, packet.copy());
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
    this.kernel.scheduleFrom(this, target, packet, DELIVER, this.actor, this.window());
  }

  /** Copies of a datagram that get past loss and duplication. */
  private copies(): 0 | 1 | 2 {
    const { lossPerMille, duplicatePerMille } = this.conditions;
    const { choices } = this.kernel;
    if (lossPerMille > 0 && choices.branch(LOSS, perMille(lossPerMille)) === 1) return 0;
    if (duplicatePerMille > 0 && choices.branch(DUPLICATE, perMille(duplicatePerMille)) === 1)
      return 2;
    return 1;
  }

  private tellOf(kind: EventKind, fate: string): void {
    this.kernel.tell(kind, '', () => `a datagram from ${this.from} to ${this.to.name} ${fate}`);
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
  reliableWindow(): Window {
    const { lossPerMille } = this.conditions;
    let lateNs = 0;
    let waitNs = RETRANSMIT_NS;
    if (lossPerMille > 0) {
      const { choices } = this.kernel;
      for (let sent = 1; sent < RETRANSMISSIONS_MAX; sent++) {
        if (choices.branch(RETRANSMIT, perMille(lossPerMille)) === 0) break;
        lateNs += waitNs;
        waitNs *= 2;
      }
    }
    const { earliestNs, latestNs, spread } = this.window();
    return { earliestNs: earliestNs + lateNs, latestNs: latestNs + lateNs, spread };
  }
}
