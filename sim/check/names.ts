// Names of models, levels and formats that there are not: what was meant, or what there is.

import { didYouMean } from '../trace/did-you-mean.ts';

const OBJECT = 'name the object: register, kv, queue and so on';
const LEVEL = 'name the level: rc, ra, causal, si, ser, session-ser or strict-ser';

/** What people call the models elsewhere, and what to say then. */
const CALLED: Readonly<Record<string, string>> = {
  linearizable: OBJECT,
  linearizability: OBJECT,
  'list-append': LEVEL,
  'rw-register': LEVEL,
  'read-committed': 'it is called rc',
  'read-atomic': 'it is called ra',
  'snapshot-isolation': 'it is called si',
  snapshot: 'it is called si',
  serializable: 'it is called ser',
  serializability: 'it is called ser',
  'strong-session-serializable': 'it is called session-ser',
  'strict-serializable': 'it is called strict-ser',
  'sequential-consistency': 'it is called sequential',
  'causal-consistency': 'it is called causal',
  ryw: 'it is called read-your-writes',
  mr: 'it is called monotonic-reads',
  mw: 'it is called monotonic-writes',
  wfr: 'it is called writes-follow-reads',
};

/** What to say after "there is no model x": how it is called here, what is like it, or all names. */
export function namesLike(written: string, names: readonly string[]): string {
  const called = calledHere(written, names);
  if (called !== '') return called;
  const kebab = written.replace(/[a-z](?=[A-Z])/g, '$&-').replaceAll(/[_ ]/g, '-');
  return didYouMean(kebab, names) || `, only ${names.join(', ')}`;
}

/** `; it is called ser` where one of the names is that of what is known by another; else nothing. */
export function calledHere(written: string, names: readonly string[]): string {
  const called = Object.hasOwn(CALLED, written) ? CALLED[written]! : '';
  return names.some((name) => called.split(/[ ,]+/).includes(name)) ? `; ${called}` : '';
}
