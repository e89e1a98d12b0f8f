/** `env.random`: a program's own draws, the same in form and spread whoever answers them. */
import { refuse } from '../env/given.ts';
import type { Random } from '../env/random.ts';
import { type Shape, uniform } from './shape.ts';
import { label, type Site } from './site.ts';
import { type Weights, weights } from './strategy.ts';

const BYTES_MAX = 65_536;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** In simulation a run's choices, which record what they draw; live real entropy. */
export interface Draws {
  branch(site: Site, weights: Weights): number;
  value(site: Site, shape: Shape): number;
}

export class ProgramRandom implements Random {
  private readonly draws: Draws;
  private readonly tables = new WeakMap<
    object,
    { outcomes: readonly string[]; weights: Weights }
  >();

  constructor(draws: Draws) {
    this.draws = draws;
  }

  integer(name: string, range: { min: number; max: number }): number {
    const { min, max } = range ?? NO_RANGE;
    if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max)) {
      refuseRange(name, range);
    }
    if (max - min > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`'${name}': ${min} to ${max} has more than 2^53 numbers`);
    }
    return this.draws.value(label(name), uniform(min, max));
  }

  branch<Outcome extends string>(name: string, of: Readonly<Record<Outcome, number>>): Outcome {
    let table = this.tables.get(of);
    if (table === undefined) {
      table = tableOf(name, of);
      this.tables.set(of, table);
    }
    return table.outcomes[this.draws.branch(label(name), table.weights)] as Outcome;
  }

  pick<Item>(name: string, items: readonly Item[]): Item {
    if (!Array.isArray(items)) refuse('random.pick', items, 'env.random.pick(site, anArray)');
    if (items.length === 0) throw new RangeError(`'${name}': nothing to pick from`);
    return items[this.draws.value(label(name), uniform(0, items.length - 1))]!;
  }

  /** Fisher and Yates's shuffle, so that the calmest draws leave the order as it is. */
  shuffle<Item>(name: string, items: readonly Item[]): Item[] {
    if (!Array.isArray(items)) refuse('random.shuffle', items, 'env.random.shuffle(site, anArray)');
    const order: Item[] = [...items];
    const at = label(name);
    for (let first = 0; first < order.length - 1; first++) {
      const other = first + this.draws.value(at, uniform(0, order.length - 1 - first));
      const kept = order[first]!;
      order[first] = order[other]!;
      order[other] = kept;
    }
    return order;
  }

  bytes(name: string, count: number): Uint8Array {
    if (!(Number.isInteger(count) && count >= 0 && count <= BYTES_MAX)) {
      throw new RangeError(`'${name}': 0 to ${BYTES_MAX} bytes, not ${count}`);
    }
    const at = label(name);
    const out = new Uint8Array(count);
    for (let from = 0; from < count; from += 6) {
      let word = this.draws.value(at, uniform(0, 2 ** 48 - 1));
      for (let i = from; i < Math.min(from + 6, count); i++) {
        out[i] = word % 256;
        word = Math.floor(word / 256);
      }
    }
    return out;
  }

  uuid(name: string): string {
    const bytes = this.bytes(name, 16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => HEX[byte]!).join('');
    return [8, 12, 16, 20, 32].map((end, i) => hex.slice([0, 8, 12, 16, 20][i], end)).join('-');
  }
}

const NO_RANGE: { min: number; max: number } = { min: Number.NaN, max: Number.NaN };

function refuseRange(name: string, range: { min: number; max: number } | undefined): never {
  const { min, max } = range ?? {};
  if (typeof name === 'string' && typeof min === 'number' && typeof max === 'number') {
    throw new RangeError(`'${name}': a range of whole numbers, not ${min} to ${max}`);
  }
  const takes = 'env.random.integer(site, { min, max })';
  return refuse('random.integer', typeof name === 'string' ? range : name, takes);
}

function tableOf(
  name: string,
  of: Readonly<Record<string, number>>,
): { outcomes: readonly string[]; weights: Weights } {
  if (typeof of !== 'object' || of === null) {
    refuse('random.branch', of, 'env.random.branch(site, { name: weight, … })');
  }
  const outcomes = Object.keys(of);
  const table = weights(...outcomes.map((outcome) => of[outcome]!));
  const wrong = outcomes.find((outcome) => !(Number.isInteger(of[outcome]) && of[outcome]! >= 0));
  if (wrong !== undefined) {
    throw new RangeError(`'${name}': the weight of '${wrong}' is ${of[wrong]}, not 0, 1, 2, …`);
  }
  if (!(table.total > 0 && table.total < 2 ** 31)) {
    throw new RangeError(`'${name}': weights sum to ${table.total}, not to 1 … 2^31 - 1`);
  }
  return { outcomes, weights: table };
}
