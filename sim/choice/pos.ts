/**
 * POS, partial order sampling (Yuan, Yang, Gu, CAV 2018, section 4): every pending step has a random
 * priority, the highest runs, and those that conflict with it draw anew. So the order of any two
 * conflicting steps is close to a coin's toss, however far apart they are.
 *
 * A priority is a draw about the step's identity and how often its actor has drawn anew, so none is
 * kept. Steps of programs, whose footprint is their node, conflict within it.
 */
import { drawWord } from './draw.ts';
import { RandomWalk } from './random.ts';
import type { Keys } from './seed.ts';
import { site } from './site.ts';
import { type Candidates, WRITES } from './strategy.ts';

const PRIORITY = site('pos.priority');

export class Pos extends RandomWalk {
  override readonly name = 'pos';
  override readonly scheduling = 'picked';
  /** By actor: how often the priority of what it has pending was drawn anew. */
  private readonly renewals: number[] = [];

  override restart(keys: Keys): void {
    super.restart(keys);
    this.renewals.length = 0;
  }

  override momentNs(_lo: number, _hi: number, fromNs: number): number {
    return fromNs;
  }

  override pick(candidates: Candidates): number {
    const { count, actor, lo, hi, object, access } = candidates;
    if (count === 1) return 0;
    const { renewals, keys } = this;
    let best = 0;
    let bestPriority = -1;
    for (let row = 0; row < count; row++) {
      const renewal = renewals[actor[row]!] ?? 0;
      const priority = drawWord(keys, PRIORITY.hash, lo[row]!, hi[row]!, renewal, 0) >>> 0;
      if (priority > bestPriority) {
        best = row;
        bestPriority = priority;
      }
    }
    const touched = object[best]!;
    if (touched === -1) {
      this.renew(actor[best]!);
    } else if (touched !== 0) {
      for (let row = 0; row < count; row++) {
        if (object[row] !== touched || row === best) continue;
        if (((access[row]! | access[best]!) & WRITES) !== 0) this.renew(actor[row]!);
      }
    }
    return best;
  }

  private renew(actor: number): void {
    while (this.renewals.length <= actor) this.renewals.push(0);
    this.renewals[actor]!++;
  }
}
