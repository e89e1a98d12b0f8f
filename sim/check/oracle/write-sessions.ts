// Transactions of registers in the text formats of testers of weak isolation, which have sessions and
// no times. Values are numbers above 0.

import type { Plain } from '../../env/net.ts';
import { grouped } from '../grouped.ts';
import type { History } from '../history.ts';

type Micro = readonly [kind: 'r' | 'w', key: Plain, value: Plain];

/** The formats that can tell the history. */
export function writtenAsSessions(
  history: History,
): Partial<Readonly<Record<'plume' | 'awdit' | 'dbcop', string>>> {
  const keys = [...new Set(history.flatMap(microsOf).map(([, key]) => key))];
  const sessions = [...grouped(history.keys(), (txn) => history[txn]!.process).values()];
  const lines = (txn: number, line: (kind: string, key: number, value: Plain) => string) =>
    microsOf(history[txn]!).map(([kind, key, value]) => line(kind, keys.indexOf(key), value));
  const plume = sessions.flatMap((txns, session) =>
    txns.flatMap((txn) =>
      lines(txn, (kind, key, value) => `${kind}(${key},${value ?? 0},${session},${txn})`),
    ),
  );
  const dbcop = sessions.map((txns) =>
    txns
      .map((txn) => {
        const events = lines(txn, (kind, key, value) =>
          kind === 'w' ? `${key}:=${value}` : `${key}==${value ?? '?'}`,
        );
        return `[${events.join(' ')}]`;
      })
      .join(' '),
  );
  const texts = { plume: plume.join('\n'), dbcop: dbcop.join('\n---\n') };
  // It has no initial value, so that nothing can be read before it is written.
  if (history.flatMap(microsOf).some(([, , value]) => value === null)) return texts;
  const awdit = sessions.map((txns) =>
    txns
      .map((txn) => lines(txn, (kind, key, value) => `${kind} ${key} ${value}`).join('\n'))
      .join('\n-----\n'),
  );
  return { ...texts, awdit: awdit.join('\n=====\n') };
}

function microsOf({ output }: History[number]): readonly Micro[] {
  return output as unknown as readonly Micro[];
}
