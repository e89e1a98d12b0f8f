/** Between a process's own numbering of sites and the names that files hold. */
import { DecisionRecord } from '../trace/record.ts';
import type { NamedDecisions } from '../trace/recorded-run.ts';
import { site, siteNames } from './site.ts';

export function withNames(record: DecisionRecord, actors: readonly string[]): NamedDecisions {
  return { record, sites: siteNames(), actors };
}

/** The same as this process numbers its sites. */
export function withLocalSites({ record, sites, actors }: NamedDecisions): NamedDecisions {
  const local = new DecisionRecord();
  for (const { kind, label, parent } of record.spans.slice(1)) local.openSpan(kind, label, parent);
  for (let entry = 0; entry < record.count; entry++) {
    local.push(
      record.kind(entry),
      site(sites[record.site(entry)]!).index,
      record.lo(entry),
      record.hi(entry),
      record.ordinal(entry),
      record.span(entry),
      record.actor(entry),
      record.outcome(entry),
    );
  }
  return { record: local, sites: siteNames(), actors };
}
