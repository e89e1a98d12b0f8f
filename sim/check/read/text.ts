// Files as texts. Recorded values are whatever a client saw, so a file need not be UTF-8 throughout:
// a byte that is none becomes a character of its own, U+DC80 to U+DCFF, as in Python's
// surrogateescape. Different bytes stay different values, and print as `\\udcff`.

import { isUtf8 } from 'node:buffer';
import { HistoryError } from '../history.ts';

/** @throws HistoryError `malformed` for what is no text */
export function textIn(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  for (const { name, begins } of NO_TEXTS) {
    if (begins.every((byte, i) => buffer[i] === byte)) {
      throw new HistoryError('malformed', `it is ${name}`, {});
    }
  }
  return escaped(buffer);
}

const NO_TEXTS: readonly { readonly name: string; readonly begins: readonly number[] }[] = [
  { name: 'compressed; unpack it with gunzip', begins: [0x1f, 0x8b] },
  { name: 'compressed; unpack it with unzstd', begins: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'UTF-16; write it as UTF-8', begins: [0xff, 0xfe] },
  { name: 'UTF-16; write it as UTF-8', begins: [0xfe, 0xff] },
];

/** The bytes that begin a character of two, three and four bytes lie from here on. */
const LEADS = [0xc2, 0xe0, 0xf0, 0xf5];
const SURROGATE = 0xdc00;

function escaped(buffer: Buffer): string {
  let text = '';
  let from = 0;
  for (let at = 0; at < buffer.length; ) {
    const length = lengthAt(buffer, at);
    if (length > 0) at += length;
    else {
      text += buffer.toString('utf8', from, at) + String.fromCharCode(SURROGATE + buffer[at]!);
      from = ++at;
    }
  }
  return text + buffer.toString('utf8', from);
}

/** How many bytes the character takes that begins here; 0 when none does. */
function lengthAt(buffer: Buffer, at: number): number {
  const lead = buffer[at]!;
  if (lead < 0x80) return 1;
  const length = 1 + LEADS.filter((least) => lead >= least).length;
  const isWhole = length > 1 && length < 5 && at + length <= buffer.length;
  return isWhole && isUtf8(buffer.subarray(at, at + length)) ? length : 0;
}
