// Counter of events: every thread counts in a cell of its own, and a reader adds the cells up
// (Aspnes and Herlihy 1990). Both are wait-free, and counting meets no other thread's cache line.
//
// Cells only grow, by one. So a sum lies between the counts at the start and at the end of its
// reading, and there is a moment between at which it was exact: its linearisation. Of two readings,
// one after the other, the second sees no cell lower, by coherence, so sums never go back.

#pragma once

#include <array>

#include "../port/sync.h"

namespace groundhog {

template <Sync S>
class WaitFreeCounter {
 public:
  static constexpr uint32_t kThreads = S::kSimulated ? 6 : 1024;

  // What the thread did before is seen by who sees the count.
  void count() {
    auto& mine = cells_[S::self()].count;
    mine.store(mine.load(kRelaxed) + 1, kRelease);
  }

  uint64_t read() {
    uint64_t sum = 0;
    for (Cell& cell : cells_) sum += cell.count.load(kAcquire);
    return sum;
  }

 private:
  struct alignas(64) Cell {
    typename S::template Atomic<uint64_t> count{0};
  };
  std::array<Cell, kThreads> cells_;
};

}  // namespace groundhog
