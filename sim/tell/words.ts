/** Numbers and times as people read them. */
const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function count(value: number): string {
  return GROUPED.format(value);
}

/** `1 seed`, `1,000 seeds`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

export function seconds(ms: number): string {
  return ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : `${count(ms / 1000)} s`;
}

/** `1 h 2 min`, `3.4 s`: the two largest units. */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes === 0) return seconds(ms);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  const days = Math.floor(hours / 24);
  return days === 0 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
}

/** Real ms from `500ms`, `30s`, `10m`, `2h`; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (parts === null) return undefined;
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[parts[2] as 'ms' | 's' | 'm' | 'h'];
  const ms = Number(parts[1]) * unit;
  return ms > 0 ? ms : undefined;
}
