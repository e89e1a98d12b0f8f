/** What may be taken in the long run, and at once. */
export interface Rate {
  readonly bytesPerSecond: number;
  readonly burstBytes: number;
}

/** How much there was to take at a time. It fills by the rate, up to the burst. */
export interface Bucket {
  readonly bytes: number;
  readonly atMs: number;
}

export function fullBucket(rate: Rate, nowMs: number): Bucket {
  return { bytes: rate.burstBytes, atMs: nowMs };
}

/** The bucket once `bytes` were taken from it; nothing when there are not as many in it yet. */
export function taken(
  bucket: Bucket,
  bytes: number,
  nowMs: number,
  rate: Rate,
): Bucket | undefined {
  const left = filled(bucket, nowMs, rate) - bytes;
  return left >= 0 ? { bytes: left, atMs: Math.max(nowMs, bucket.atMs) } : undefined;
}

/** Milliseconds until `bytes` can be taken; infinitely many when they are more than a burst. */
export function waitMs(bucket: Bucket, bytes: number, nowMs: number, rate: Rate): number {
  if (bytes > rate.burstBytes) return Infinity;
  const missing = bytes - filled(bucket, nowMs, rate);
  return Math.max(0, (missing * 1000) / rate.bytesPerSecond);
}

/** A clock that went back adds nothing, and takes nothing away. */
function filled({ bytes, atMs }: Bucket, nowMs: number, rate: Rate): number {
  const sinceMs = Math.max(0, nowMs - atMs);
  return Math.min(rate.burstBytes, bytes + (sinceMs * rate.bytesPerSecond) / 1000);
}
