import type { Plain } from '../../env/net.ts';
import type { Findings, Level, Sessions } from './findings.ts';
import type { Transactions } from './transactions.ts';
import type { WriteTable } from './write-table.ts';

/** What a level's check has to know. */
export interface LevelCheck {
  readonly txns: Transactions;
  readonly writes: WriteTable;
  readonly level: Level;
  readonly sessions: Sessions;
  readonly initial: Plain;
  readonly stepsMax: number;
  readonly findings: Findings;
}

/** What it says when it has found nothing to put into words. */
export interface LevelEnd {
  readonly end: 'holds' | 'broken' | 'unknown';
  readonly reason: string;
  readonly steps: number;
}

export function tooManySessions(sessions: number): LevelEnd {
  const reason = `there are too many sessions, ${sessions}, to compare all transactions in memory`;
  return { end: 'unknown', reason, steps: 0 };
}
