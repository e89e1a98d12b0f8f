/** Datagrams on their way. */
import type { Address, Datagram, Plain } from '../env/net.ts';
import { copyPlain } from '../env/plain.ts';
import { PlainDatagram } from '../env/requests.ts';

export interface Packet extends Datagram {
  readonly toPort: number;
  /** The same once more, sharing nothing that a program could change. */
  copy(): Packet;
}

const HOLD_BYTES = 16_384;
const SHARED_BYTES_MAX = 2_048;

/** Where the bytes of the next small packets go; each is written once. */
let hold = new Uint8Array(HOLD_BYTES);
let held = 0;

/**
 * Its bytes lie beside those of others until somebody looks at them. An array for each packet is 270
 * bytes on V8's heap, and the collector copies all that are under way: with 10,000 of them that took
 * a quarter of the time.
 */
export class BytesPacket implements Packet {
  readonly from: Address;
  readonly toPort: number;
  private hold: Uint8Array;
  /** Where its bytes begin in `hold`; -1 once that holds nothing else. */
  private at: number;
  private readonly length: number;

  /** Keeps a copy of `bytes`. */
  constructor(from: Address, bytes: Uint8Array, toPort: number) {
    this.from = from;
    this.toPort = toPort;
    const { length } = bytes;
    if (length > SHARED_BYTES_MAX) {
      this.hold = new Uint8Array(bytes);
      this.at = -1;
    } else {
      if (held + length > HOLD_BYTES) {
        hold = new Uint8Array(HOLD_BYTES);
        held = 0;
      }
      hold.set(bytes, held);
      this.hold = hold;
      this.at = held;
      held += length;
    }
    this.length = length;
  }

  get bytes(): Uint8Array {
    if (this.at >= 0) {
      this.hold = this.hold.slice(this.at, this.at + this.length);
      this.at = -1;
    }
    return this.hold;
  }

  copy(): Packet {
    return new BytesPacket(this.from, this.bytes, this.toPort);
  }
}

export class PlainPacket extends PlainDatagram implements Packet {
  readonly toPort: number;

  /** Keeps `message` itself. */
  constructor(from: Address, message: Plain, toPort: number) {
    super(from, message);
    this.toPort = toPort;
  }

  copy(): Packet {
    return new PlainPacket(this.from, copyPlain(this.message), this.toPort);
  }
}
