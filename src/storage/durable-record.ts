/**
 * One small record on disk that a crash at any moment leaves as it was before a write or after it.
 *
 *     file   slot 0 | slot 1                       each SLOT_BYTES long, written in turn
 *     slot   0 crc   4 length   8 sequence         crc (CRC-32) is over all that follows it,
 *            12 payload …                          all numbers little-endian, 32 bits
 *
 * A write goes to the slot of the older record and is synced before it counts, so a torn one spoils
 * only what was not yet promised. The record is the intact slot with the higher sequence.
 *
 * After a failed sync the system may take what was written for clean, and read it back from memory
 * although the disk never had it (A. Rebello et al., "Can Applications Recover from fsync Failures?",
 * USENIX ATC 2020). So a record that has failed to write is not used any more, and what is found at
 * the start is written once more, to the other slot, before anybody hears of it.
 */
import { assert } from '../../sim/env/assert.ts';
import type { Disk, DiskFile } from '../../sim/env/disk.ts';
import { crc32 } from './crc32.ts';

const SLOT_BYTES = 4096;
const HEADER_BYTES = 12;
const RECORD_BYTES_MAX: number = SLOT_BYTES - HEADER_BYTES;

interface Slot {
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export class DurableRecord {
  private readonly file: DiskFile;
  private sequence: number;
  /** What is written next. */
  private readonly slot = new Uint8Array(SLOT_BYTES);

  private constructor(file: DiskFile, sequence: number) {
    this.file = file;
    this.sequence = sequence;
  }

  /** Opens or creates the record; `payload` is what it holds, undefined when nothing was written. */
  static async open(
    disk: Disk,
    path: string,
  ): Promise<{ record: DurableRecord; payload: Uint8Array | undefined }> {
    const file = await disk.open(path, 'open-or-create');
    const bytes = await file.read({ at: 0, bytes: 2 * SLOT_BYTES });
    const slots = [0, 1].map((slot) => decodeSlot(bytes.subarray(slot * SLOT_BYTES)));
    const newest = slots.reduce(
      (a, b) => ((b?.sequence ?? 0) > (a?.sequence ?? 0) ? b : a),
      undefined,
    );
    if (newest === undefined) {
      await file.sync();
      await disk.syncDirectory('');
    }
    const record = new DurableRecord(file, newest?.sequence ?? 0);
    if (newest !== undefined) await record.write(newest.payload);
    return { record, payload: newest?.payload };
  }

  /**
   * Once it resolves, `payload` survives any crash. Calls must not overlap; after one that rejects
   * there must be none.
   */
  async write(payload: Uint8Array): Promise<void> {
    assert(payload.length <= RECORD_BYTES_MAX, 'a record fits its slot');
    this.sequence++;
    const { sequence, slot } = this;
    const bytes = encodeSlot(slot, { sequence, payload });
    await this.file.write((sequence % 2) * SLOT_BYTES, slot.subarray(0, bytes));
    await this.file.sync();
  }
}

/** Returns how many bytes of `slot` it takes. */
function encodeSlot(slot: Uint8Array, { sequence, payload }: Slot): number {
  const end = HEADER_BYTES + payload.length;
  const view = new DataView(slot.buffer);
  view.setUint32(4, payload.length, true);
  view.setUint32(8, sequence, true);
  slot.set(payload, HEADER_BYTES);
  view.setUint32(0, crc32(slot.subarray(4, end)), true);
  return end;
}

/** The slot's record, or undefined when it was never written or is torn. */
function decodeSlot(bytes: Uint8Array): Slot | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(4, true);
  if (length > Math.min(bytes.length, SLOT_BYTES) - HEADER_BYTES) return undefined;
  const end = HEADER_BYTES + length;
  if (view.getUint32(0, true) !== crc32(bytes.subarray(4, end))) return undefined;
  return { sequence: view.getUint32(8, true), payload: bytes.slice(HEADER_BYTES, end) };
}
