// Vector clocks of at most 15 threads. Times are signed, since the oldest vector instructions
// compare only those.
//
// Lane 0 belongs to the order of seq_cst operations, lane t + 1 to thread t. A run with few threads
// touches only the first `lanes` of each clock, a multiple of 4.

#pragma once

#include <cstdint>
#include <cstring>

namespace groundhog::sim {

constexpr uint32_t kThreadsMax = 15;
constexpr int32_t kNever = INT32_MAX;

using Lanes = int32_t __attribute__((vector_size(16)));

struct Clock {
  static constexpr uint32_t kLanes = kThreadsMax + 1;
  static constexpr uint32_t kLaneSeqCst = 0;

  union {
    Lanes vectors[kLanes / 4];
    int32_t at[kLanes];
  };

  static constexpr uint32_t lane_of(uint32_t thread) noexcept { return thread + 1; }

  void fill(int32_t time, uint32_t lanes) noexcept {
    for (uint32_t v = 0; v < lanes / 4; ++v) vectors[v] = Lanes{time, time, time, time};
  }

  void copy(const Clock& from, uint32_t lanes) noexcept {
    for (uint32_t v = 0; v < lanes / 4; ++v) vectors[v] = from.vectors[v];
  }

  void join(const Clock& from, uint32_t lanes) noexcept {
    for (uint32_t v = 0; v < lanes / 4; ++v) {
      Lanes later = from.vectors[v] > vectors[v];
      vectors[v] = (from.vectors[v] & later) | (vectors[v] & ~later);
    }
  }

  // Whether some lane of this clock is no later than the same lane of `known`.
  bool any_within(const Clock& known, uint32_t lanes) const noexcept {
    Lanes any = {0, 0, 0, 0};
    for (uint32_t v = 0; v < lanes / 4; ++v) any |= vectors[v] <= known.vectors[v];
    using Halves = int64_t __attribute__((vector_size(16)));
    Halves halves = reinterpret_cast<Halves>(any);
    return (halves[0] | halves[1]) != 0;
  }

  // Whether every lane of this clock is no later than the same lane of `known`.
  bool all_within(const Clock& known, uint32_t lanes) const noexcept {
    Lanes beyond = {0, 0, 0, 0};
    for (uint32_t v = 0; v < lanes / 4; ++v) beyond |= vectors[v] > known.vectors[v];
    using Halves = int64_t __attribute__((vector_size(16)));
    Halves halves = reinterpret_cast<Halves>(beyond);
    return (halves[0] | halves[1]) == 0;
  }
};

}  // namespace groundhog::sim
