/** Between a process's own numbering of sites and the names that files hold. */
import { DecisionRecord } from '../trace/record.ts';
import type { NamedDecisions } from '../trace/recorded-run.ts';
import { label, siteAt } from './site.ts';

export function withNames(record: DecisionRecord, actors: readonly string[]): NamedDecisions {
  const numbers = new Map<number, number>();
  const sites: string[] = [];
  const numbered = renumbered(record, (index) => {
    let number = numbers.get(index);
    if (number === undefined) {
      number = sites.push(siteAt(index).name) - 1;
      numbers.set(index, number);
    }
    return number;
  });
  return { record: numbered, sites, actors };
}

/** The record as this process numbers its sites. */
export function withLocalSites({ record, sites }: NamedDecisions): DecisionRecord {
  const indices = sites.map((name) => label(name).index);
  return renumbered(record, (number) => indices[number]!);
}

function renumbered(record: DecisionRecord, numberOf: (site: number) => number): DecisionRecord {
  const copy = new DecisionRecord();
  for (const { kind, label, parent } of record.spans.slice(1)) copy.openSpan(kind, label, parent);
  for (let entry = 0; entry < record.count; entry++) {
    copy.push(
      record.kind(entry),
      numberOf(record.site(entry)),
      record.lo(entry),
      record.hi(entry),
      record.ordinal(entry),
      record.span(entry),
      record.actor(entry),
      record.outcome(entry),
    );
  }
  return copy;
}
