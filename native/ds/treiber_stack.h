// Treiber stack of block indices; any thread pushes and pops (Treiber 1986).
//
//   head: | block | tag |      next[block]: the block below, or kNone
//
// - `next` is a table apart from the blocks: a late reader sees a stale index, never a user's bytes.
// - ABA: every pop advances `tag`, so a head that was popped and pushed back compares unequal (until
//   2^32 pops happen inside of one compare-and-swap).
// - push releases and pop acquires: who pops a block sees what its pusher wrote. A pop that replaces
//   the head by a relaxed update still heads the release sequence of the push below, since every
//   change of the head is a read-modify-write.
//
// Linearisation: the compare-and-swap that succeeds; of an empty pop, its load. Lock-free: one fails
// only because another one succeeded.

#pragma once

#include <array>

#include "../port/sync.h"

namespace groundhog {

// `kTagStep` is 0 in the twin whose ABA tests look for.
template <Sync S, uint32_t kBlocks, uint32_t kTagStep = 1>
class TreiberStack {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  void push(uint32_t block) {
    Head seen = head_.load(kRelaxed);
    do next_[block].store(seen.block, kRelaxed);
    while (!head_.compare_exchange_weak(seen, {block, seen.tag}, kRelease, kRelaxed));
  }

  // kNone when it is empty.
  uint32_t pop() {
    Head seen = head_.load(kAcquire);
    while (seen.block != kNone) {
      Head below{next_[seen.block].load(kRelaxed), seen.tag + kTagStep};
      if (head_.compare_exchange_weak(seen, below, kAcquire, kAcquire)) break;
    }
    return seen.block;
  }

 private:
  struct Head {
    uint32_t block = kNone;
    uint32_t tag = 0;
  };

  std::array<typename S::template Atomic<uint32_t>, kBlocks> next_{};
  typename S::template Atomic<Head> head_{Head{}};
};

}  // namespace groundhog
