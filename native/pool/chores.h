// What the threads of a pool do beside its callers: the queue of the one that wipes. The other one
// makes slabs ready; see Heap::stock.

#pragma once

#include <mutex>
#include <vector>

#include "../alloc/heap.h"

namespace groundhog {

// Blocks that were freed and are to be wiped before their memory is used again. The newest goes
// first: it is what a cache still holds.
template <Sync S>
class WipeQueue {
 public:
  void push(Unit unit) noexcept {
    {
      std::lock_guard held(lock_);
      units_.push_back(unit);
      count_ = static_cast<uint32_t>(units_.size());
      waiting_.fetch_add(1, kRelease);  // before somebody can take it, and subtract
    }
    wake(waiting_);
  }

  // One that is the caller's alone until it is `done` with it, or kNoUnit.
  Unit take() noexcept {
    std::lock_guard held(lock_);
    if (count_ == 0) return kNoUnit;
    Unit unit = units_.back();
    units_.pop_back();
    count_ = static_cast<uint32_t>(units_.size());
    waiting_.fetch_sub(1, kRelaxed);
    taken_.fetch_add(1, kRelaxed);
    return unit;
  }
  void done(uint32_t count) noexcept { taken_.fetch_sub(count, kRelease); }

  // Waits until everybody is done with what was taken. False when that is so already.
  bool settle() noexcept {
    if (taken_.load(kAcquire) == 0) return false;
    S::await(taken_, kAcquire, [](uint32_t count) { return count == 0; });
    return true;
  }

  // Sleeps while there is nothing to take. False when no more is to be taken.
  bool wait() noexcept { return sleep_on(waiting_) < kStopped; }
  void stop() noexcept {
    waiting_.fetch_or(kStopped, kRelease);
    wake(waiting_);
  }

 private:
  static constexpr uint32_t kStopped = 1u << 31;

  typename S::Mutex lock_;  // of what follows
  std::vector<Unit> units_;
  typename S::template Plain<uint32_t> count_{0};
  // How many there are, and whether it is stopped; how many were taken and are not done.
  typename S::template Atomic<uint32_t> waiting_{0};
  typename S::template Atomic<uint32_t> taken_{0};
};

// How the thread that wipes goes about it. The second is the broken twin, for tests: it gives
// blocks back first, and may overwrite what their next owner has put there.
enum class Wiping { before_giving_back, after_giving_back };

}  // namespace groundhog
