/**
 * JSON (RFC 8259) with the place of every part, so that what is wrong with a value can be shown
 * where it stands. Stricter than `JSON.parse`: a key may stand only once in an object, and may not
 * be `__proto__`; values lie at most {@link DEPTH_MAX} deep.
 */
import { onOneLine } from './escape-unseen.ts';
import { type Located, type Path, type Place, placeAt } from './place.ts';

export const DEPTH_MAX = 100;

/** The text is not JSON. The message says what is wrong, without the place. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(onOneLine(message));
    this.place = place;
  }
}

/** @throws JsonTextError */
export function readJsonText(text: string): Located {
  const reader = new JsonReader(text);
  const value = reader.document();
  return { value, placeOf: (path, part) => placeAt(text, reader.offsetOf(value, path, part)) };
}

/** Offsets of an object's keys and values, or of a list's items. */
type Offsets = Map<string | number, { readonly key: number; readonly value: number }>;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BACKSLASH = 0x5c;
const WORD = /[A-Za-z]+/y;
const BLANK = /[ \t\r\n]*/y;
const WORDS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

class JsonReader {
  private readonly text: string;
  private readonly offsets = new WeakMap<object, Offsets>();
  private root = 0;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): unknown {
    this.skip(BLANK);
    this.root = this.at;
    const value = this.value();
    this.skip(BLANK);
    if (this.at < this.text.length) this.fail(`nothing more should follow, but ${this.found()}`);
    return value;
  }

  offsetOf(root: unknown, path: Path, part: 'key' | 'value' = 'value'): number {
    let offset = this.root;
    let value = root;
    for (const [i, step] of path.entries()) {
      const inner = this.offsets.get(value as object)?.get(step);
      if (inner === undefined) break;
      offset = part === 'key' && i === path.length - 1 ? inner.key : inner.value;
      value = (value as { readonly [step: string | number]: unknown })[step];
      if (typeof value !== 'object' || value === null) break;
    }
    return offset;
  }

  private value(): unknown {
    const { text, at } = this;
    switch (text[at]) {
      case '{':
        return this.nested(() => this.object());
      case '[':
        return this.nested(() => this.list());
      case '"':
        return this.string();
      default:
    }
    const word = this.skip(WORD);
    if (WORDS.has(word)) return WORDS.get(word);
    this.at = at;
    const number = this.skip(NUMBER);
    if (number === '') this.fail(`a value should stand here, but ${this.found()}`);
    if (!Number.isFinite(Number(number))) this.failAt(at, `${number} is too large`);
    return Number(number);
  }

  private nested<Value>(body: () => Value): Value {
    if (++this.depth > DEPTH_MAX) this.fail(`values lie more than ${DEPTH_MAX} deep`);
    const value = body();
    this.depth--;
    return value;
  }

  private object(): object {
    const value: { [key: string]: unknown } = {};
    const offsets: Offsets = new Map();
    this.offsets.set(value, offsets);
    this.items('}', () => {
      const keyAt = this.at;
      if (this.text[keyAt] !== '"')
        this.fail(`a key in quotes should stand here, but ${this.found()}`);
      const key = this.string();
      if (key === '__proto__') this.failAt(keyAt, "a key may not be '__proto__'");
      if (offsets.has(key)) this.failAt(keyAt, `the key ${JSON.stringify(key)} stands here twice`);
      this.skip(BLANK);
      this.expect(':');
      this.skip(BLANK);
      offsets.set(key, { key: keyAt, value: this.at });
      value[key] = this.value();
    });
    return value;
  }

  private list(): unknown[] {
    const value: unknown[] = [];
    const offsets: Offsets = new Map();
    this.offsets.set(value, offsets);
    this.items(']', () => {
      offsets.set(value.length, { key: this.at, value: this.at });
      value.push(this.value());
    });
    return value;
  }

  private items(close: '}' | ']', item: () => void): void {
    this.at++;
    this.skip(BLANK);
    if (this.text[this.at] === close) {
      this.at++;
      return;
    }
    for (;;) {
      item();
      this.skip(BLANK);
      if (this.text[this.at] === close) break;
      if (this.text[this.at] !== ',')
        this.fail(`',' or '${close}' should follow, but ${this.found()}`);
      this.at++;
      this.skip(BLANK);
    }
    this.at++;
  }

  private string(): string {
    const from = this.at;
    let end = from + 1;
    while (this.text[end] !== '"') {
      const code = this.text.charCodeAt(end);
      // Control characters, and NaN behind the end.
      if (!(code >= 0x20)) this.failAt(from, 'a string is never closed, or breaks over lines');
      const isEscape = code === BACKSLASH && this.text.charCodeAt(end + 1) >= 0x20;
      end += isEscape ? 2 : 1;
    }
    this.at = end + 1;
    const quoted = this.text.slice(from, end + 1);
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return this.failAt(from, `${quoted} has an escape that JSON does not know`);
    }
  }

  private expect(mark: string): void {
    if (this.text[this.at] !== mark) this.fail(`'${mark}' should follow, but ${this.found()}`);
    this.at++;
  }

  /** What `pattern` matches here, which may be nothing; goes on behind it. */
  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const matched = pattern.exec(this.text)?.[0] ?? '';
    this.at += matched.length;
    return matched;
  }

  private found(): string {
    const next = this.text.codePointAt(this.at);
    return next === undefined
      ? 'the text ends'
      : `${JSON.stringify(String.fromCodePoint(next))} does`;
  }

  private fail(message: string): never {
    return this.failAt(this.at, message);
  }

  private failAt(offset: number, message: string): never {
    throw new JsonTextError(message, placeAt(this.text, offset));
  }
}
