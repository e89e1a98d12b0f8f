import { randomFillSync } from 'node:crypto';
import seedrandom from 'seedrandom';
import type { Draws } from '../choice/program-random.ts';
import { type Shape, valueAt } from '../choice/shape.ts';
import type { Site } from '../choice/site.ts';
import type { Weights } from '../choice/strategy.ts';

/** Draws from the machine's random numbers, or from a seed's; spread as in simulation. */
export class Entropy implements Draws {
  private readonly fill: (words: Uint32Array) => void;
  private readonly words = new Uint32Array(256);
  private used: number = this.words.length;

  constructor(seed?: string) {
    this.fill = seed === undefined ? randomFillSync : seeded(seed);
  }

  branch(_site: Site, { of, total }: Weights): number {
    let left = Math.floor(this.unit() * total);
    let outcome = 0;
    while (left >= of[outcome]!) left -= of[outcome++]!;
    return outcome;
  }

  value(_site: Site, { min, max, spread }: Shape): number {
    return valueAt(min, max, spread, this.unit());
  }

  /** A fraction in [0, 1) of 53 random bits. */
  private unit(): number {
    return (this.word() * 2 ** 21 + (this.word() >>> 11)) / 2 ** 53;
  }

  private word(): number {
    if (this.used === this.words.length) {
      this.fill(this.words);
      this.used = 0;
    }
    return this.words[this.used++]!;
  }
}

function seeded(seed: string): (words: Uint32Array) => void {
  const next = seedrandom.alea(seed);
  return (words) => {
    for (let i = 0; i < words.length; i++) words[i] = next.int32();
  };
}
