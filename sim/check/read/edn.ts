// Extensible Data Notation, as far as recorded histories use it: https://github.com/edn-format/edn
//
// Values become plain data: keywords, symbols and characters become strings without their marks,
// lists, vectors and sets become lists (sets in one order of their own), maps become records with
// printed keys, tagged values lose their tags. Integers beyond 2^53 keep all their digits, as strings.

import type { Plain } from '../../env/net.ts';
import { HistoryError } from '../history.ts';
import { print } from '../plain.ts';
import { DEPTH_MAX } from './json.ts';

export interface EdnValue {
  readonly value: Plain;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

/**
 * All top-level values of a text. Of a single list or vector its elements.
 *
 * @throws HistoryError `malformed`
 */
export function readEdn(text: string): readonly EdnValue[] {
  const reader = new EdnReader(text);
  const values: EdnValue[] = [];
  for (;;) {
    reader.skipSpace();
    if (reader.atEnd) break;
    const { line } = reader;
    if (values.length === 0 && reader.atSequence) {
      const elements = reader.readElements();
      reader.skipSpace();
      if (reader.atEnd) return elements;
      values.push({ value: elements.map(({ value }) => value), line });
    } else values.push({ value: reader.read(), line });
  }
  return values;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const DELIMITERS = new Set(' \t\r\n,()[]{}";'.split(''));
const CHARACTERS: Readonly<Record<string, string>> = {
  newline: '\n',
  return: '\r',
  space: ' ',
  tab: '\t',
};

class EdnReader {
  line = 1;
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get atSequence(): boolean {
    const next = this.#text[this.#at];
    return next === '[' || next === '(';
  }

  /** Skips white space, commas, comments, discarded values, and what is said about a value. */
  skipSpace(): void {
    for (;;) {
      const next = this.#text[this.#at];
      if (next === '\n') this.line++;
      if (next === ' ' || next === '\n' || next === ',' || next === '\t' || next === '\r') {
        this.#at++;
      } else if (next === ';') {
        while (!this.atEnd && this.#text[this.#at] !== '\n') this.#at++;
      } else if (next === '#' && this.#text[this.#at + 1] === '_') {
        this.#at += 2;
        this.skipSpace();
        this.read();
      } else if (next === '^') {
        this.#at++;
        this.skipSpace();
        this.read();
      } else return;
    }
  }

  read(): Plain {
    const next = this.#text[this.#at];
    if (next === undefined) this.#fail('the text ends inside a value');
    if (next === '"') return this.#readString();
    if (next === '\\') return this.#readCharacter();
    if (next === '[' || next === '(') return this.readElements().map(({ value }) => value);
    if (next === '{') return this.#readMap();
    if (next === '#') return this.#readTagged();
    if (next === ')' || next === ']' || next === '}') this.#fail(`"${next}" closes nothing`);
    return this.#readAtom();
  }

  /** The elements up to the delimiter that closes the one at hand. */
  readElements(): EdnValue[] {
    const { line } = this;
    const open = this.#text[this.#at++]!;
    const close = CLOSING[open]!;
    if (++this.#depth > DEPTH_MAX) this.#fail(`values lie more than ${DEPTH_MAX} deep`);
    const elements: EdnValue[] = [];
    for (;;) {
      this.skipSpace();
      if (this.atEnd) this.#fail(`"${open}" is never closed`, line);
      if (this.#text[this.#at] === close) break;
      const at = this.line;
      elements.push({ value: this.read(), line: at });
    }
    this.#at++;
    this.#depth--;
    return elements;
  }

  #readMap(): Plain {
    const { line } = this;
    const elements = this.readElements();
    if (elements.length % 2 === 1) this.#fail('a map has a key without a value', line);
    const record: Record<string, Plain> = Object.create(null);
    for (let i = 0; i < elements.length; i += 2) {
      const key = elements[i]!.value;
      const name = typeof key === 'string' ? key : print(key);
      if (name in record) this.#fail(`a map has the key ${name} twice`, elements[i]!.line);
      record[name] = elements[i + 1]!.value;
    }
    return { ...record };
  }

  #readTagged(): Plain {
    this.#at++;
    const next = this.#text[this.#at];
    if (next === '{') return inOrder(this.readElements().map(({ value }) => value));
    if (next === '#') {
      this.#at++;
      const name = this.#readToken();
      return (
        { Inf: Infinity, '-Inf': -Infinity, NaN }[name] ?? this.#fail(`unknown value ##${name}`)
      );
    }
    this.#readToken();
    this.skipSpace();
    return this.read();
  }

  #readString(): string {
    const { line } = this;
    let text = '';
    for (this.#at++; ; this.#at++) {
      const next = this.#text[this.#at];
      if (next === undefined) this.#fail('a string is never closed', line);
      if (next === '\n') this.line++;
      if (next === '"') break;
      text += next === '\\' ? this.#readEscape() : next;
    }
    this.#at++;
    return text;
  }

  /** Ends on the escape's last character. */
  #readEscape(): string {
    const next = this.#text[++this.#at];
    if (next === 'u') {
      const code = this.#text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(code)) this.#fail(`"\\u${code}" is no character`);
      this.#at += 4;
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    const plain = { t: '\t', r: '\r', n: '\n', '\\': '\\', '"': '"', b: '\b', f: '\f' }[next ?? ''];
    return plain ?? this.#fail(`"\\${next ?? ''}" is no character`);
  }

  #readCharacter(): string {
    const first = this.#text[++this.#at];
    if (first === undefined) this.#fail('the text ends inside a value');
    this.#at++;
    const name = first + this.#readToken();
    const code = /^u([0-9a-fA-F]{4})$/.exec(name);
    if (code !== null) return String.fromCharCode(Number.parseInt(code[1]!, 16));
    return CHARACTERS[name] ?? name;
  }

  #readAtom(): Plain {
    const token = this.#readToken();
    if (token === 'nil') return null;
    if (token === 'true') return true;
    if (token === 'false') return false;
    if (token.startsWith(':')) return token.slice(1);
    if (/^[+-]?\d/.test(token)) return this.#numberIn(token);
    return token;
  }

  #numberIn(token: string): Plain {
    const digits = token.replace(/[NM]$/, '').replace(/^\+/, '');
    const number = Number(digits);
    if (Number.isNaN(number)) {
      return /^[+-]?\d+\/\d+$/.test(token) ? token : this.#fail(`"${token}" is no number`);
    }
    return Number.isInteger(number) && !Number.isSafeInteger(number) ? digits : number;
  }

  #readToken(): string {
    const start = this.#at;
    while (!this.atEnd && !DELIMITERS.has(this.#text[this.#at]!)) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #fail(what: string, line: number = this.line): never {
    throw new HistoryError('malformed', what, { line });
  }
}

/** Equal sets become equal lists. */
function inOrder(elements: readonly Plain[]): Plain {
  if (elements.every((element) => typeof element === 'number')) {
    return elements.toSorted((a, b) => a - b);
  }
  const printed = elements.map((element) => ({ element, text: print(element) }));
  printed.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return printed.map(({ element }) => element);
}
