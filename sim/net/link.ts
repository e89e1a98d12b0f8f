/** One direction between two hosts, and what the faults make of it. */

import { hashName } from '../choice/mix.ts';
import { site } from '../choice/site.ts';
import { perMille } from '../choice/strategy.ts';
import type { Target } from '../sched/agenda.ts';
import { type Kernel, type Origin, originOf, type Window } from '../sched/kernel.ts';

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

export class Link {
  readonly from: string;
  readonly to: string;
  readonly actor: number;
  /** Cuts in force; packets pass while it is 0. */
  cuts = 0;
  /** Added to every packet's latency by faults on this link. */
  slowNs = 0;
  readonly hash: number;
  private readonly kernel: Kernel;
  private readonly conditions: NetConditions;
  private readonly origin: Origin;

  constructor(options: {
    kernel: Kernel;
    conditions: NetConditions;
    from: string;
    to: string;
    actor: number;
  }) {
    this.kernel = options.kernel;
    this.conditions = options.conditions;
    this.from = options.from;
    this.to = options.to;
    this.actor = options.actor;
    this.hash = hashName(`${options.from}>${options.to}`);
    this.origin = originOf(DELIVER, this.hash);
  }

  get isCut(): boolean {
    return this.cuts > 0;
  }

  /** The arrival of one packet that leaves now; any number of them may overtake each other. */
  deliver(target: Target, packet: unknown): void {
    const { kernel } = this;
    const { lo, hi } = kernel.nextIdentity(this.origin);
    const { span } = kernel.choices;
    kernel.post(target, packet, lo, hi, DELIVER, this.actor, span, kernel.steps, this.window());
  }

  /** Copies of a datagram that get past loss and duplication: 0, 1 or 2. */
  copies(): 0 | 1 | 2 {
    const { lossPerMille, duplicatePerMille } = this.conditions;
    const { choices } = this.kernel;
    if (lossPerMille > 0 && choices.branch(LOSS, perMille(lossPerMille)) === 1) return 0;
    if (duplicatePerMille > 0 && choices.branch(DUPLICATE, perMille(duplicatePerMille)) === 1)
      return 2;
    return 1;
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
