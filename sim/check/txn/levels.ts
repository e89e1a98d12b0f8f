// Which consistency models an anomaly rules out.
//
// The models form a graph from strong to weak. An anomaly is known by the weakest models that it
// rules out, and with those it rules out everything above them.
//
// Sources: Adya 1999 for the levels between read uncommitted and serializable; Cerone, Bernardi and
// Gotsman 2015 for read atomic to prefix; Bailis and others 2013 and Viotti and Vukolić 2016 for
// the session guarantees.

/** From each model to the next weaker ones. */
const WEAKER: Readonly<Record<string, readonly string[]>> = {
  'read-uncommitted': [],
  'read-committed': ['read-uncommitted'],
  'monotonic-atomic-view': ['read-committed'],
  'monotonic-view': ['read-committed'],
  'cursor-stability': ['read-committed'],
  'read-atomic': ['monotonic-atomic-view'],
  'repeatable-read': ['cursor-stability', 'monotonic-view', 'monotonic-atomic-view'],
  'consistent-view': ['cursor-stability', 'monotonic-view', 'monotonic-atomic-view'],
  'forward-consistent-view': ['consistent-view'],
  'monotonic-snapshot-read': ['read-atomic'],
  'update-serializable': ['forward-consistent-view'],
  'snapshot-isolation': ['forward-consistent-view', 'monotonic-snapshot-read'],
  serializable: ['snapshot-isolation', 'repeatable-read', 'update-serializable'],
  'strong-session-read-uncommitted': ['read-uncommitted'],
  'strong-session-read-committed': ['read-committed', 'strong-session-read-uncommitted'],
  'strong-session-consistent-view': ['consistent-view', 'strong-session-read-committed', 'causal'],
  'strong-session-snapshot-isolation': [
    'snapshot-isolation',
    'strong-session-consistent-view',
    'parallel-snapshot-isolation',
    'prefix',
  ],
  'strong-session-serializable': [
    'serializable',
    'strong-session-snapshot-isolation',
    'sequential',
  ],
  'strong-read-uncommitted': ['strong-session-read-uncommitted'],
  'strong-read-committed': ['strong-session-read-committed', 'strong-read-uncommitted'],
  'strong-consistent-view': ['strong-session-consistent-view', 'strong-read-committed'],
  'strong-snapshot-isolation': ['strong-session-snapshot-isolation', 'strong-consistent-view'],
  'strict-serializable': [
    'strong-session-serializable',
    'strong-snapshot-isolation',
    'linearizable',
  ],
  'monotonic-reads': [],
  'monotonic-writes': [],
  'read-your-writes': [],
  pram: ['monotonic-reads', 'monotonic-writes', 'read-your-writes'],
  'writes-follow-reads': [],
  causal: ['pram', 'writes-follow-reads', 'read-atomic'],
  'parallel-snapshot-isolation': ['causal'],
  prefix: ['causal'],
  sequential: ['causal'],
  linearizable: ['sequential'],
};

/** The weakest models that each anomaly rules out. */
const RULED_OUT: Readonly<Record<string, readonly string[]>> = {
  'thin-air-read': ['read-uncommitted'],
  'duplicate-elements': ['read-uncommitted'],
  'incompatible-order': ['read-uncommitted'],
  G0: ['read-uncommitted'],
  G1a: ['read-committed'],
  G1b: ['read-committed'],
  G1c: ['read-committed'],
  'dirty-update': ['read-committed'],
  'future-read': ['read-committed'],
  'not-my-own-write': ['read-committed'],
  'not-my-last-write': ['read-committed'],
  'cyclic-causality': ['read-committed'],
  'non-monotonic-read': ['read-committed'],
  internal: ['read-atomic', 'repeatable-read'],
  'non-repeatable-read': ['read-atomic', 'repeatable-read'],
  'fractured-read': ['read-atomic', 'consistent-view'],
  'causality-violation': ['causal'],
  'lost-update': ['cursor-stability', 'parallel-snapshot-isolation'],
  'G-single': ['consistent-view'],
  'long-fork': ['prefix', 'snapshot-isolation'],
  'G-nonadjacent': ['snapshot-isolation'],
  'not-snapshot-isolated': ['snapshot-isolation'],
  'write-skew': ['repeatable-read'],
  'G2-item': ['repeatable-read'],
  G2: ['serializable'],
  phantom: ['serializable'],
  'not-serializable': ['serializable'],
  'not-session-snapshot-isolated': ['strong-session-snapshot-isolation'],
  'not-session-serializable': ['strong-session-serializable'],
  'not-strong-snapshot-isolated': ['strong-snapshot-isolation'],
  'not-strict-serializable': ['strict-serializable'],
  'G0-process': ['strong-session-read-uncommitted'],
  'G1c-process': ['strong-session-read-committed'],
  'G-single-process': ['strong-session-consistent-view'],
  'G-nonadjacent-process': ['strong-session-snapshot-isolation'],
  'G2-process': ['strong-session-serializable'],
  'G2-item-process': ['strong-session-serializable'],
  'G0-realtime': ['strong-read-uncommitted'],
  'G1c-realtime': ['strong-read-committed'],
  'G-single-realtime': ['strong-consistent-view'],
  'G-nonadjacent-realtime': ['strong-snapshot-isolation'],
  'G2-realtime': ['strict-serializable'],
  'G2-item-realtime': ['strict-serializable'],
};

export interface RuledOut {
  /** The weakest models that do not hold. */
  readonly not: readonly string[];
  /** All stronger ones, which do not hold either. */
  readonly alsoNot: readonly string[];
}

/** What a history with these anomalies is not, by their names. */
export function ruledOut(anomalies: Iterable<string>): RuledOut {
  const broken = new Set<string>();
  for (const name of anomalies) for (const model of RULED_OUT[name] ?? []) broken.add(model);
  const all = Object.keys(WEAKER).filter((model) =>
    [...weakerOrSame(model)].some((m) => broken.has(m)),
  );
  const isWeakest = (model: string) => !WEAKER[model]!.some((weaker) => all.includes(weaker));
  return {
    not: all.filter(isWeakest),
    alsoNot: all.filter((model) => !isWeakest(model)),
  };
}

function weakerOrSame(model: string): ReadonlySet<string> {
  const reached = new Set([model]);
  for (const next of reached) for (const weaker of WEAKER[next]!) reached.add(weaker);
  return reached;
}
