// Finds who wrote a value: a hash table from (key, value) to micro-operation.

import type { Plain } from '../../env/net.ts';
import { Numbering } from '../numbering.ts';
import { FAILED, READ, type Transactions } from './transactions.ts';
import { txnInWords } from './words.ts';

const NONE = -1;

/** Other values have the negative numbers from here down. */
const OTHERS = -1;

/** Small natural numbers stand for themselves, so that most histories need no table of values. */
function isOwnNumber(value: Plain): value is number {
  return typeof value === 'number' && (value & 0x3fffffff) === value;
}

/** The writes of a history by key and value. */
export class WriteTable {
  /** Two writes that may both have taken effect and wrote the same value to the same key, or none. */
  readonly duplicate: readonly [number, number] | undefined;
  readonly #txns: Transactions;
  /** Values that are not their own numbers. */
  readonly #values = new Numbering(0);
  /** By micro-operation: the number of the value that it wrote. */
  readonly #number: Int32Array;
  readonly #slots: Int32Array;

  constructor(txns: Transactions) {
    const { micros, kind, value, txnOf, outcome } = txns;
    this.#txns = txns;
    this.#number = new Int32Array(micros);
    let writes = 0;
    for (let m = 0; m < micros; m++) if (kind[m] !== READ) writes++;
    let capacity = 64;
    while (capacity < 1.5 * writes) capacity *= 2;
    this.#slots = new Int32Array(capacity).fill(NONE);
    for (let m = 0; m < micros; m++) {
      if (kind[m] === READ) continue;
      const written = value(m)!;
      this.#number[m] = isOwnNumber(written) ? written : OTHERS - this.#values.add(written);
      const slot = this.#slotOf(txns.key[m]!, this.#number[m]!);
      const other = this.#slots[slot]!;
      const failed = outcome[txnOf[m]!] === FAILED;
      if (other === NONE || (!failed && outcome[txnOf[other]!] === FAILED)) this.#slots[slot] = m;
      else if (!failed) this.duplicate ??= [other, m];
    }
  }

  /** The micro-operation that wrote this value to this key, or -1. */
  find(key: number, value: Plain): number {
    if (isOwnNumber(value)) return this.#slots[this.#slotOf(key, value)]!;
    const number = this.#values.get(value);
    return number === NONE ? NONE : this.#slots[this.#slotOf(key, OTHERS - number)]!;
  }

  /**
   * Why reads do not tell whom they read from, as a sentence: two writes of one value to one key,
   * or a register's write of the value that it holds initially. `undefined` when they tell.
   */
  ambiguity(initial: Plain): string | undefined {
    const impossible = 'impossible history:';
    if (this.duplicate !== undefined) {
      const [a, b] = this.duplicate.map((m) => txnInWords(this.#txns, this.#txns.txnOf[m]!));
      return `${impossible} ${a} and ${b} write the same value to the same key, so that reads do not tell which one they saw`;
    }
    if (this.#txns.workload === 'list-append') return undefined;
    const initialWrite = this.#txns.keys
      .map((_, key) => this.find(key, initial))
      .find((m) => m !== NONE && this.#txns.outcome[this.#txns.txnOf[m]!] !== FAILED);
    if (initialWrite === undefined) return undefined;
    const writer = txnInWords(this.#txns, this.#txns.txnOf[initialWrite]!);
    return `${impossible} ${writer} writes the initial value, so that reads do not tell whether they saw it`;
  }

  #slotOf(key: number, number: number): number {
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(key, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    for (;;) {
      const m = this.#slots[slot]!;
      if (m === NONE || (this.#txns.key[m] === key && this.#number[m] === number)) return slot;
      slot = (slot + 1) & mask;
    }
  }
}
