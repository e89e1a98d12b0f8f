// Ring between one producer and one consumer (Lamport 1983, with acquire and release).
//
// `tail` is the producer's and `head` the consumer's; both only grow, and the element of a count is
// at count mod kCapacity. A push releases its element by `tail`; a pop releases the place by `head`,
// without which the producer could overwrite what is still being read. Both are wait-free.

#pragma once

#include <array>
#include <optional>

#include "../port/sync.h"

namespace groundhog {

template <Sync S, class T, uint32_t kCapacity>
class SpscRing {
 public:
  // False when it is full.
  bool push(T value) {
    uint32_t tail = tail_.load(kRelaxed);
    if (tail - head_.load(kAcquire) == kCapacity) return false;
    places_[tail % kCapacity] = std::move(value);
    tail_.store(tail + 1, kRelease);
    return true;
  }

  std::optional<T> pop() {
    uint32_t head = head_.load(kRelaxed);
    if (tail_.load(kAcquire) == head) return std::nullopt;
    T value = places_[head % kCapacity];
    head_.store(head + 1, kRelease);
    return value;
  }

 private:
  static_assert((kCapacity & (kCapacity - 1)) == 0, "counts wrap around at 2^32");

  alignas(64) typename S::template Atomic<uint32_t> head_{0};
  alignas(64) typename S::template Atomic<uint32_t> tail_{0};
  std::array<typename S::template Plain<T>, kCapacity> places_;
};

}  // namespace groundhog
