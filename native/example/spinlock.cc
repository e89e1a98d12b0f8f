// How to test concurrent C++ of your own under the seed. The code takes a policy; on RealSync it is
// what ships, on SimSync it is what is tested.
//
//   g++ -std=c++20 -O2 -I node_modules/groundhog spinlock.cc -o spinlock
//   ./spinlock                 looks for a schedule that fails, and says how to see it again
//   ./spinlock 17              runs that schedule again

#include <cstdio>
#include <cstdlib>

#include "native/port/pct.h"
#include "native/port/sim_sync.h"

using namespace groundhog;

// A lock of one word. Its unlock is relaxed: what was written under the lock is not published.
template <Sync S>
class SpinLock {
 public:
  void lock() {
    while (held_.exchange(1, kAcquire) != 0) {
      S::await(held_, kRelaxed, [](uint32_t held) { return held == 0; });
    }
  }
  void unlock() { held_.store(0, kRelaxed); }

 private:
  typename S::template Atomic<uint32_t> held_{0};
};

// The test: two threads count under the lock.
template <Sync S>
void counting() {
  SpinLock<S> lock;
  typename S::template Plain<uint32_t> count{0};
  auto add = [&] {
    lock.lock();
    count = count + 1;
    lock.unlock();
  };
  typename S::Thread a(add);
  typename S::Thread b(add);
  a.join();
  b.join();
  sim::require(count == 2, "both have counted");
}

int main(int argc, char** argv) {
  sim::Engine engine;
  sim::Pct pct(3, 20);  // bugs of up to three ordered steps, in runs of about twenty
  uint64_t first = argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 1;
  uint64_t last = argc == 2 ? first : 10'000;
  for (uint64_t seed = first; seed <= last; ++seed) {
    const sim::Outcome& outcome = engine.run(counting<sim::SimSync>, seed, &pct);
    if (outcome.verdict == sim::Verdict::passed) continue;
    std::printf("schedule %llu: %s: %s\n", static_cast<unsigned long long>(seed),
                sim::kVerdictNames[static_cast<int>(outcome.verdict)], outcome.message);
    return 1;
  }
  std::printf("no schedule fails\n");
  return 0;
}
