// Locks of one shape, for code that takes its lock as a parameter. All are Lockable.
//
// - NullLock: none, for what belongs to one thread.
// - SpinLock: one word; whoever comes first. Under contention it may pass over a thread for long.
// - TicketLock: in the order of arrival, so nobody waits for more than all who came before.
// - S::Mutex: the system's; waiters sleep.
// - SharedLock: any number of readers, or one writer. It is Lockable for writers.
// - ElidedLock: a hardware transaction where the CPU has them, and a mutex otherwise.
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

// One word: the readers, and a bit for a writer, who waits for them. A writer that waits keeps new
// readers out, so it waits for those alone that were there.
template <Sync S>
class SharedLock {
 public:
  void lock() {
    writers_.lock();
    state_.fetch_or(kWriter, kAcquire);
    S::await(state_, kAcquire, [](uint32_t state) { return state == kWriter; });
  }
  bool try_lock() {
    if (!writers_.try_lock()) return false;
    uint32_t free = 0;
    if (state_.compare_exchange_strong(free, kWriter, kAcquire, kRelaxed)) return true;
    writers_.unlock();
    return false;
  }
  void unlock() {
    state_.fetch_and(~kWriter, kRelease);
    writers_.unlock();
  }

  void lock_shared() {
    while (!try_lock_shared()) {
      S::await(state_, kRelaxed, [](uint32_t state) { return (state & kWriter) == 0; });
    }
  }
  bool try_lock_shared() {
    if ((state_.fetch_add(1, kAcquire) & kWriter) == 0) return true;
    state_.fetch_sub(1, kRelease);
    return false;
  }
  void unlock_shared() { state_.fetch_sub(1, kRelease); }

 private:
  static constexpr uint32_t kWriter = 1u << 31;

  typename S::Mutex writers_;
  typename S::template Atomic<uint32_t> state_{0};
};

// Lock elision (Rajwar and Goodman 2001): critical sections that touch different memory run at once.
//
// A transaction reads `held_` first, so who takes the mutex in earnest, and sets it, aborts all that
// are under way. Setting it is seq_cst: the section's own reads may not pass it.
template <Sync S, class Transactions = typename S::Transactions>
class ElidedLock {
 public:
  void lock() {
    if (Transactions::usable()) {
      for (int left = kTries; left > 0; --left) {
        S::await(held_, kRelaxed, [](uint32_t held) { return held == 0; });
        Try result = Transactions::begin(held_);
        if (result == Try::started) return;
        if (result == Try::in_vain) break;
      }
    }
    mutex_.lock();
    held_.exchange(1, kSeqCst);
  }
  bool try_lock() {
    if (Transactions::usable() && Transactions::begin(held_) == Try::started) return true;
    if (!mutex_.try_lock()) return false;
    held_.exchange(1, kSeqCst);
    return true;
  }
  void unlock() {
    if (held_.load(kRelaxed) == 0) return Transactions::commit(held_);
    held_.store(0, kRelease);
    mutex_.unlock();
  }

 private:
  static constexpr int kTries = S::kSimulated ? 2 : 8;

  typename S::Mutex mutex_;
  typename S::template Atomic<uint32_t> held_{0};
};

static_assert(Lockable<NullLock>);

}  // namespace groundhog
