// Locks of one shape, for code that takes its lock as a parameter. All are Lockable.
//
// - NullLock: none, for what belongs to one thread.
// - SpinLock: one word; whoever comes first. Under contention it may pass over a thread for long.
// - TicketLock: in the order of arrival, so nobody waits for more than all who came before.
// - S::Mutex: the system's; waiters sleep.
//
// A lock's release pairs with the next lock's acquire: what was written under it is seen.

#pragma once

#include "sync.h"

namespace groundhog {

class NullLock {
 public:
  void lock() noexcept {}
  void unlock() noexcept {}
  bool try_lock() noexcept { return true; }
};

// Test and test-and-set: waiters read, and only who sees it free writes.
template <Sync S>
class SpinLock {
 public:
  void lock() {
    while (held_.exchange(1, kAcquire) != 0) {
      S::await(held_, kRelaxed, [](uint32_t held) { return held == 0; });
    }
  }
  bool try_lock() { return held_.exchange(1, kAcquire) == 0; }
  void unlock() { held_.store(0, kRelease); }

 private:
  typename S::template Atomic<uint32_t> held_{0};
};

// Mellor-Crummey and Scott 1991, algorithm 2.
template <Sync S>
class TicketLock {
 public:
  void lock() {
    uint32_t mine = next_.fetch_add(1, kRelaxed);
    S::await(serving_, kAcquire, [mine](uint32_t serving) { return serving == mine; });
  }
  bool try_lock() {
    uint32_t serving = serving_.load(kAcquire);
    uint32_t free = serving;
    return next_.compare_exchange_strong(free, serving + 1, kRelaxed, kRelaxed);
  }
  void unlock() { serving_.store(serving_.load(kRelaxed) + 1, kRelease); }

 private:
  typename S::template Atomic<uint32_t> next_{0};
  typename S::template Atomic<uint32_t> serving_{0};
};

static_assert(Lockable<NullLock>);

}  // namespace groundhog
