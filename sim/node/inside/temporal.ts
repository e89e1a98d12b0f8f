import { define, type Host } from './host.ts';

interface Instant {
  toZonedDateTimeISO(zone: string): {
    toPlainDateTime(): unknown;
    toPlainDate(): unknown;
    toPlainTime(): unknown;
  };
}

/** `Temporal.Now` on the node's clock, where this Node.js has Temporal. */
export function installTemporal({ clock }: Host): void {
  const { Temporal } = globalThis as unknown as {
    Temporal?: { Now: object; Instant: { fromEpochMilliseconds(ms: number): Instant } };
  };
  if (Temporal === undefined) return;
  const instant = (): Instant => Temporal.Instant.fromEpochMilliseconds(clock.wallMs());
  define(Temporal.Now, {
    instant,
    timeZoneId: () => 'UTC',
    zonedDateTimeISO: (zone = 'UTC') => instant().toZonedDateTimeISO(zone),
    plainDateTimeISO: (zone = 'UTC') => instant().toZonedDateTimeISO(zone).toPlainDateTime(),
    plainDateISO: (zone = 'UTC') => instant().toZonedDateTimeISO(zone).toPlainDate(),
    plainTimeISO: (zone = 'UTC') => instant().toZonedDateTimeISO(zone).toPlainTime(),
  });
}
