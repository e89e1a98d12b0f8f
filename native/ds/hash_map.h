// Map from keys to words, of fixed size, with open addressing (after Click 2007, without growth).
//
// - A place's key is set once, from kNoKey, and stays; so places before a key's own never become
//   empty again, and a key has one place for ever: the first on its way that was not taken by
//   another key.
// - A value changes by read-modify-writes, kNothing being absent. These are the linearisations; a
//   search that meets an empty place linearises at that load. Values are released and acquired: a
//   word may be the index of what its writer has made.
//
// Every operation ends after at most kPlaces steps, whatever others do: wait-free.

#pragma once

#include <array>

#include "../port/sync.h"

namespace groundhog {

template <Sync S, uint32_t kPlaces>
class HashMap {
 public:
  static constexpr uint32_t kNoKey = 0;
  static constexpr uint64_t kNothing = 0;

  // kNothing when the key is absent.
  uint64_t find(uint32_t key) {
    for (uint32_t step = 0; step < kPlaces; ++step) {
      Place& place = places_[(hash(key) + step) % kPlaces];
      uint32_t found = place.key.load(kRelaxed);
      if (found == key) return place.value.load(kAcquire);
      if (found == kNoKey) break;
    }
    return kNothing;
  }

  // False when there is no place left. `before` becomes what was there.
  bool put(uint32_t key, uint64_t value, uint64_t& before) {
    Place* place = place_for(key);
    if (place == nullptr) return false;
    before = place->value.exchange(value, kAcqRel);
    return true;
  }

  // Whether it was put: not when the key is there, nor when there is no place left.
  bool put_if_absent(uint32_t key, uint64_t value) {
    Place* place = place_for(key);
    uint64_t nothing = kNothing;
    return place != nullptr &&
           place->value.compare_exchange_strong(nothing, value, kAcqRel, kRelaxed);
  }

  // What was there.
  uint64_t erase(uint32_t key) {
    for (uint32_t step = 0; step < kPlaces; ++step) {
      Place& place = places_[(hash(key) + step) % kPlaces];
      uint32_t found = place.key.load(kRelaxed);
      if (found == key) return place.value.exchange(kNothing, kAcqRel);
      if (found == kNoKey) break;
    }
    return kNothing;
  }

 private:
  struct Place {
    typename S::template Atomic<uint32_t> key{kNoKey};
    typename S::template Atomic<uint64_t> value{kNothing};
  };

  static uint32_t hash(uint32_t key) noexcept { return key * 0x9e3779b1u >> 8; }

  Place* place_for(uint32_t key) {
    for (uint32_t step = 0; step < kPlaces; ++step) {
      Place& place = places_[(hash(key) + step) % kPlaces];
      uint32_t found = place.key.load(kRelaxed);
      if (found == kNoKey && place.key.compare_exchange_strong(found, key, kRelaxed, kRelaxed)) {
        return &place;
      }
      if (found == key) return &place;
    }
    return nullptr;
  }

  std::array<Place, kPlaces> places_;
};

}  // namespace groundhog
