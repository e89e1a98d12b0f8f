import type { Plain } from '../../env/net.ts';
import { print } from '../plain.ts';
import type { Findings } from './findings.ts';
import { APPEND, type Transactions } from './transactions.ts';
import { microInWords, txnInWords, txnName } from './words.ts';

/** What no read of a list may see, in whatever order the transactions came. */
export class ListReports {
  readonly #txns: Transactions;
  readonly #findings: Findings;

  constructor(txns: Transactions, findings: Findings) {
    this.#txns = txns;
    this.#findings = findings;
  }

  /** An element that nobody appended. */
  thinAir(read: number, element: Plain): void {
    this.#element('thin-air-read', read, element, ', which no transaction appended');
  }

  /** An element twice. */
  duplicate(read: number, element: Plain): void {
    const twice = ' twice in one list, and it was appended once';
    this.#element('duplicate-elements', read, element, twice);
  }

  /** Aborted read: an element whose transaction failed. */
  aborted(read: number, append: number): void {
    this.#append('G1a', read, append, (writer, value) => {
      const verb = this.#txns.kind[append] === APPEND ? 'appended' : 'wrote';
      return `but ${writer}, which ${verb} ${value}, failed`;
    });
  }

  /** Intermediate read: it ends with an element behind which its transaction appended more. */
  intermediate(read: number, append: number): void {
    this.#append('G1b', read, append, (writer, value) => {
      return `which ends with ${value}, but ${writer} had not finished with that key`;
    });
  }

  #element(name: string, read: number, element: Plain, what: string): void {
    const { txnOf, keys, key } = this.#txns;
    const reader = txnOf[read]!;
    this.#findings.add(name, 'rc', [reader], () => {
      const of = print(keys[key[read]!]!);
      return `${txnInWords(this.#txns, reader)} read ${print(element)} of ${of}${what}.`;
    });
  }

  #append(
    name: string,
    read: number,
    append: number,
    what: (writer: string, value: string) => string,
  ): void {
    const { txnOf, value } = this.#txns;
    const [reader, writer] = [txnOf[read]!, txnOf[append]!];
    this.#findings.add(name, 'rc', [reader, writer], () => {
      const wrong = what(txnInWords(this.#txns, writer), print(value(append)!));
      return `${txnName(reader)} has ${microInWords(this.#txns, read)}, ${wrong}.`;
    });
  }
}
