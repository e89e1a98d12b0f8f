// Bounded queue of many producers and many consumers (Vyukov 2010).
//
//   turn of place i:   i: may be filled     i + 1: is filled     i + kCapacity: may be filled again
//
// A thread that wins the count `tail` (or `head`) owns the place of that count until it sets the
// place's turn; the store of the turn releases the element to the next owner, whose load of the turn
// acquires it. The counts order nothing and are relaxed. A thread that stops between the two makes
// others wait at that place: not lock-free, but nobody spins, they are told full or empty.

#pragma once

#include <array>
#include <optional>

#include "../port/sync.h"

namespace groundhog {

template <Sync S, class T, uint32_t kCapacity>
class BoundedQueue {
 public:
  BoundedQueue() {
    for (uint32_t at = 0; at < kCapacity; ++at) places_[at].turn.store(at, kRelaxed);
  }

  // False when it is full.
  bool push(T value) {
    uint32_t count = tail_.load(kRelaxed);
    for (;;) {
      Place& place = places_[count % kCapacity];
      int32_t ahead = static_cast<int32_t>(place.turn.load(kAcquire) - count);
      if (ahead < 0) return false;
      if (ahead > 0) {
        count = tail_.load(kRelaxed);
      } else if (tail_.compare_exchange_weak(count, count + 1, kRelaxed, kRelaxed)) {
        place.value = std::move(value);
        place.turn.store(count + 1, kRelease);
        return true;
      }
    }
  }

  std::optional<T> pop() {
    uint32_t count = head_.load(kRelaxed);
    for (;;) {
      Place& place = places_[count % kCapacity];
      int32_t ahead = static_cast<int32_t>(place.turn.load(kAcquire) - (count + 1));
      if (ahead < 0) return std::nullopt;
      if (ahead > 0) {
        count = head_.load(kRelaxed);
      } else if (head_.compare_exchange_weak(count, count + 1, kRelaxed, kRelaxed)) {
        T value = place.value;
        place.turn.store(count + kCapacity, kRelease);
        return value;
      }
    }
  }

 private:
  static_assert(kCapacity >= 2 && (kCapacity & (kCapacity - 1)) == 0);

  struct Place {
    typename S::template Atomic<uint32_t> turn{0};
    typename S::template Plain<T> value;
  };

  alignas(64) typename S::template Atomic<uint32_t> head_{0};
  alignas(64) typename S::template Atomic<uint32_t> tail_{0};
  std::array<Place, kCapacity> places_;
};

}  // namespace groundhog
