import { expect, test } from 'vitest';
import { codeOf } from './fixtures/code-of.ts';
import { openSharedPool } from './index.ts';
import type { MemberOptions, Quality, SharedPool } from './members.ts';
import { type Bucket, fullBucket, type Rate, taken, waitMs } from './rate.ts';

const ALL = ['read', 'write', 'allocate'] as const;

function pool(nowMs: () => number = () => 0): SharedPool {
  return openSharedPool({ capacityBytes: 64 * 1024, nowMs });
}

/** How many blocks of 1,000 bytes there are room for. */
function fill(member: ReturnType<SharedPool['join']>): number {
  for (let blocks = 0; ; blocks += 1) {
    if (codeOf(() => member.allocate(1000, 'fill')) !== 'no error') return blocks;
  }
}

test('a role does what it may and nothing else', () => {
  const shared = pool();
  const may = (...rights: MemberOptions['rights']) => {
    const member = shared.join({ role: rights.join(' and ') || 'nothing', rights });
    return [
      codeOf(() => member.free(member.allocate(10, 'mine'))),
      codeOf(() => member.read(block)),
      codeOf(() => member.write(block, Uint8Array.of(7))),
      codeOf(() => member.view(block)),
    ].map((code) => code === 'no error');
  };
  const block = shared.join({ role: 'owner', rights: ALL }).allocate(10, 'shared');
  expect(may()).toEqual([false, false, false, false]);
  expect(may('allocate')).toEqual([true, false, false, false]);
  expect(may('read')).toEqual([false, true, false, false]);
  expect(may('write')).toEqual([false, false, true, false]);
  expect(may('read', 'write')).toEqual([false, true, true, true]);
});

test('what is read is a copy, and what is written stays within its block', () => {
  const shared = pool();
  const member = shared.join({ role: 'both', rights: ALL });
  const block = member.allocate(4, 'mine');
  member.write(block, Uint8Array.of(1, 2), 2);
  const copy = member.read(block);
  expect([...copy]).toEqual([0, 0, 1, 2]);
  copy.fill(9);
  expect([...member.view(block)]).toEqual([0, 0, 1, 2]);
  expect(() => member.write(block, Uint8Array.of(1, 2), 3)).toThrow(RangeError);
  expect(() => member.write(block, Uint8Array.of(1), -1)).toThrow(RangeError);
});

test('who sees through a window can change nothing, not even by force', () => {
  const backing = { memoryFile: true };
  const shared = openSharedPool({ capacityBytes: 64 * 1024, backing });
  const quality: Quality = { tier: 'guaranteed', reservedBytes: 16 * 1024 };
  const writer = shared.join({ role: 'writer', rights: ALL, quality });
  const reader = shared.join({ role: 'reader', rights: ['read'], window: 'copy' });
  for (const bytes of [10, 20_000]) {
    const block = writer.allocate(bytes, 'mine'); // in its own region, and in the common one
    writer.write(block, Uint8Array.of(1));
    const seen = reader.view(block);
    expect(seen[0]).toBe(1);
    writer.write(block, Uint8Array.of(2));
    expect(seen[0]).toBe(2);
    new Uint8Array(seen.buffer).fill(9);
    expect(writer.read(block)[0]).toBe(2);
    writer.free(block);
  }
  const without = pool();
  const block = without.join({ role: 'writer', rights: ALL }).allocate(10, 'mine');
  const blind = without.join({ role: 'reader', rights: ['read'], window: 'copy' });
  expect(codeOf(() => blind.view(block))).toBe('unavailable');
});

test('a quota is of live bytes, and a free gives them back to who allocated them', () => {
  const shared = pool(() => 25);
  const small = shared.join({ role: 'small', rights: ALL, quotaBytes: 100 });
  const other = shared.join({ role: 'other', rights: ALL });
  const block = small.allocate(60, 'mine');
  expect(codeOf(() => small.allocate(41, 'more'))).toBe('over-quota');
  expect(() => small.allocate(41, 'more')).toThrow("41 bytes for 'small': it holds 60 of 100");
  small.allocate(40, 'more');
  expect(codeOf(() => small.allocate(1, 'more'))).toBe('over-quota');
  other.free(block);
  small.allocate(60, 'again');
  expect(shared.reports()).toEqual([
    {
      ...{ role: 'small', tier: 'best-effort', liveBytes: 100, liveBlocks: 2, peakBytes: 100 },
      ...{ refused: 3, grants: undefined },
    },
    {
      ...{ role: 'other', tier: 'best-effort', liveBytes: 0, liveBlocks: 0, peakBytes: 0 },
      ...{ refused: 0, grants: undefined },
    },
  ]);
});

test('who allocates too fast waits, and is told how long', () => {
  let nowMs = 0;
  const shared = pool(() => nowMs);
  const rate = { bytesPerSecond: 1000, burstBytes: 500 };
  const fast = shared.join({ role: 'fast', rights: ALL, rate });
  fast.free(fast.allocate(400, 'first'));
  expect(() => fast.allocate(300, 'next')).toThrow('there will be as many in 200 ms');
  nowMs = 199;
  expect(codeOf(() => fast.allocate(300, 'next'))).toBe('over-rate');
  nowMs = 200;
  fast.allocate(300, 'next');
  expect(() => fast.allocate(501, 'never')).toThrow('a burst has 500 at most');
});

test('a refusal by the region costs nothing of the rate', () => {
  const shared = pool();
  const rate = { bytesPerSecond: 1, burstBytes: 200_000 };
  const member = shared.join({ role: 'large', rights: ALL, rate });
  for (let time = 0; time < 10; time += 1) {
    expect(codeOf(() => member.allocate(100_000, 'too large'))).toBe('invalid-size');
  }
  for (const bytes of [NaN, -1, 0.5, 0]) {
    expect(codeOf(() => member.allocate(bytes, 'bad'))).toBe('invalid-size');
  }
  expect(codeOf(() => member.allocate(1000, 'fits'))).toBe('no error');
});

/** The most that any stretch of time let through above the rate. */
function mostAtOnce(step: typeof taken, rate: Rate): number {
  let state = 1;
  let nowMs = 0;
  let bucket: Bucket = fullBucket(rate, 0);
  let above = 0; // what was let through above the rate, since the last time that this was nothing
  let most = 0;
  for (let turn = 0; turn < 20_000; turn += 1) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const passedMs = (state >>> 16) % 500 === 0 ? 3000 : (state >>> 16) % 7;
    const bytes = 1 + ((state >>> 8) % 100);
    nowMs += passedMs;
    above = Math.max(0, above - (passedMs * rate.bytesPerSecond) / 1000);
    const next = step(bucket, bytes, nowMs, rate);
    if (next === undefined) continue;
    bucket = next;
    above += bytes;
    most = Math.max(most, above);
  }
  return most;
}

test('no stretch of time lets more through than a burst above the rate', () => {
  const rate = { bytesPerSecond: 5000, burstBytes: 2000 };
  expect(mostAtOnce(taken, rate)).toBeLessThanOrEqual(2000 + 1e-6);
  expect(mostAtOnce(taken, rate)).toBeGreaterThan(1900);
  const withoutEnd: typeof taken = (bucket, bytes, nowMs, { bytesPerSecond }) => {
    const left = bucket.bytes + ((nowMs - bucket.atMs) * bytesPerSecond) / 1000 - bytes;
    return left >= 0 ? { bytes: left, atMs: nowMs } : undefined;
  };
  expect(mostAtOnce(withoutEnd, rate)).toBeGreaterThan(4000); // so the check would see it
  expect(waitMs({ bytes: 0, atMs: 0 }, 500, 0, rate)).toBe(100);
});

test('what is guaranteed is there when others have taken all', () => {
  const shared = pool();
  const quality: Quality = { tier: 'guaranteed', reservedBytes: 32 * 1024 };
  const sure = shared.join({ role: 'sure', rights: ALL, quality });
  const greedy = shared.join({ role: 'greedy', rights: ALL });
  const common = fill(greedy);
  expect(common).toBeGreaterThan(50);
  expect(fill(sure)).toBeGreaterThan(25);
  expect(sure.report().grants?.populated).toMatch(/granted|refused/);
  expect(greedy.leave()).toHaveLength(common);
  // What does not fit into its own region comes from the common one.
  expect(fill(sure)).toBe(common);
});

test('real time takes from its own region alone', () => {
  const shared = pool();
  const quality: Quality = { tier: 'real-time', reservedBytes: 16 * 1024, node: 4000 };
  const audio = shared.join({ role: 'audio', rights: ALL, quality });
  expect(fill(audio)).toBeLessThan(17);
  expect(shared.reports()[0]!.grants?.pinned).toMatch(/granted|refused/);
  expect(shared.reports()[0]!.grants?.bound).toBe('refused: EINVAL');
});

test('blocks of any region can be handed on', () => {
  const shared = pool();
  const quality: Quality = { tier: 'guaranteed', reservedBytes: 4096 };
  const sure = shared.join({ role: 'sure', rights: ALL, quality });
  const reader = shared.join({ role: 'reader', rights: ['read', 'allocate'] });
  const [own, also] = [sure.allocate(10, 'mine'), sure.allocate(3000, 'mine')];
  const common = sure.allocate(3000, 'mine');
  sure.write(own, Uint8Array.of(5));
  expect(reader.read(own)[0]).toBe(5);
  for (const block of [own, also, common]) reader.free(block);
  expect(sure.report().liveBytes).toBe(0);
  for (const block of [own, also, common]) {
    expect(codeOf(() => reader.free(block))).toBe('double-free');
  }
  for (const block of [7 * 2 ** 32, -1, NaN, 2 ** 60]) {
    expect(codeOf(() => reader.free(block))).toBe('invalid-offset');
  }
});

test('who leaves gives back what it holds, and can do nothing more', () => {
  const shared = pool();
  const quality: Quality = { tier: 'guaranteed', reservedBytes: 4096 };
  const guest = shared.join({ role: 'guest', rights: ALL, quality });
  const blocks = [10, 3000, 3000].map((bytes) => guest.allocate(bytes, 'left behind'));
  expect(codeOf(() => shared.join({ role: 'guest', rights: ALL }))).toBe('taken');
  const held = guest.leave().map(({ offset, tag }) => `${offset} ${tag}`);
  expect(held.sort()).toEqual(blocks.map((block) => `${block} guest/left behind`).sort());
  expect(guest.leave()).toEqual([]);
  expect(codeOf(() => guest.allocate(1, 'late'))).toBe('left');
  const again = shared.join({ role: 'guest', rights: ALL });
  expect(fill(again)).toBeGreaterThan(50);
  shared.close();
  expect(codeOf(() => again.allocate(1, 'late'))).toBe('closed');
});

test('limits that cannot be are refused', () => {
  const shared = pool();
  for (const limit of [0, -1, NaN]) {
    const options = { role: 'odd', rights: ALL };
    expect(() => shared.join({ ...options, quotaBytes: limit })).toThrow(RangeError);
    const rate = { bytesPerSecond: limit, burstBytes: 1 };
    expect(() => shared.join({ ...options, rate })).toThrow(RangeError);
    const quality: Quality = { tier: 'guaranteed', reservedBytes: limit };
    expect(codeOf(() => shared.join({ ...options, quality }))).toBe('invalid-size');
  }
  expect(shared.reports()).toEqual([]);
});

test('errors say when', () => {
  const shared = pool(() => 1234);
  const member = shared.join({ role: 'reader', rights: ['read'] });
  expect(() => member.allocate(1, 'mine')).toThrow(expect.objectContaining({ atMs: 1234 }));
  expect(() => member.read(16)).toThrow(expect.objectContaining({ atMs: 1234 }));
});
