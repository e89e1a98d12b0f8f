// Each block lies between two canaries, which say at free whether a neighbour or the owner wrote
// beyond its bytes:
//
//   | front canary, 16 bytes | the user's bytes | rear canary, 8 to 23 bytes |
//   ^ a unit                 ^ a unit: the offset that is handed out         ^ a unit
//
// The pattern is 0xDEADBEEF, mixed with the pool's secret when it has one. It finds accidents; who
// can read the region can also forge it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../core/units.h"

namespace groundhog {

class Canary {
 public:
  static constexpr size_t kFrontBytes = kUnitBytes;
  static constexpr size_t kRearBytesMin = 8;

  explicit Canary(uint64_t secret) noexcept : word_(0xdeadbeef'deadbeef ^ secret) {}

  static constexpr size_t units_around(size_t bytes) noexcept {
    return units_for(kFrontBytes + bytes + kRearBytesMin);
  }

  // `block` is the whole block, of which `bytes` are the user's.
  void set(std::byte* block, size_t bytes, Unit units) const noexcept {
    std::memcpy(block, &word_, 8);
    std::memcpy(block + 8, &word_, 8);
    Rear rear = rear_of(block, bytes, units);
    for (size_t at = 0; at < rear.bytes; ++at) rear.start[at] = pattern(at);
  }

  bool intact(const std::byte* block, size_t bytes, Unit units) const noexcept {
    if (std::memcmp(block, &word_, 8) != 0 || std::memcmp(block + 8, &word_, 8) != 0) return false;
    Rear rear = rear_of(const_cast<std::byte*>(block), bytes, units);
    for (size_t at = 0; at < rear.bytes; ++at) {
      if (rear.start[at] != pattern(at)) return false;
    }
    return true;
  }

 private:
  struct Rear {
    std::byte* start;
    size_t bytes;
  };

  static Rear rear_of(std::byte* block, size_t bytes, Unit units) noexcept {
    size_t before = kFrontBytes + bytes;
    return {block + before, size_t{units} * kUnitBytes - before};
  }

  std::byte pattern(size_t at) const noexcept {
    return static_cast<std::byte>(word_ >> (at % 8 * 8));
  }

  uint64_t word_;
};

}  // namespace groundhog
