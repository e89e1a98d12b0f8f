#include "../port/locks.h"

#include <thread>

#include "../port/real_sync.h"
#include "check.h"

namespace groundhog::test {
namespace {

constexpr int kThreads = 4;
constexpr int kTimes = 20'000;

// How many were counted by threads under the lock.
template <class Lock>
uint64_t counted() {
  Lock lock;
  uint64_t count = 0;
  std::vector<std::thread> threads;
  for (int each = 0; each < kThreads; ++each) {
    threads.emplace_back([&] {
      for (int time = 0; time < kTimes; ++time) {
        lock.lock();
        count += 1;
        lock.unlock();
        if (!lock.try_lock()) lock.lock();
        count += 1;
        lock.unlock();
      }
    });
  }
  for (std::thread& each : threads) each.join();
  return count;
}

const bool real = test("no lock loses a count on real threads", [] {
  constexpr uint64_t kAll = uint64_t{2} * kThreads * kTimes;
  check(counted<SpinLock<RealSync>>() == kAll, "spin lock");
  check(counted<TicketLock<RealSync>>() == kAll, "ticket lock");
  check(counted<SharedLock<RealSync>>() == kAll, "shared lock");
  check(counted<ElidedLock<RealSync>>() == kAll, "elided lock");
});

// What a CPU does that has no transactions, or none that succeed.
struct NoTransactions {
  static bool usable() noexcept { return false; }
  static Try begin(const std::atomic<uint32_t>&) noexcept { return Try::in_vain; }
  static void commit(const std::atomic<uint32_t>&) noexcept { abort(); }
};
struct VainTransactions : NoTransactions {
  static bool usable() noexcept { return true; }
};

const bool without = test("where transactions are missing or fail, the mutex is taken", [] {
  constexpr uint64_t kAll = uint64_t{2} * kThreads * kTimes;
  check(counted<ElidedLock<RealSync, NoTransactions>>() == kAll, "missing");
  check(counted<ElidedLock<RealSync, VainTransactions>>() == kAll, "failing");
});

const bool undone = test("a transaction that is aborted leaves nothing behind", [] {
  if (!Rtm::usable()) return;
  std::atomic<uint32_t> held{1};
  check(Rtm::begin(held) == Try::again, "who holds the lock in earnest stops it");
  held = 0;
  int committed = 0;
  for (int time = 0; time < 1000; ++time) {
    if (Rtm::begin(held) != Try::started) continue;
    ++committed;
    Rtm::commit(held);
  }
  check(committed > 0, "and without that some get through");
});

}  // namespace
}  // namespace groundhog::test
