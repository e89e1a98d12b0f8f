// The locks of port/locks.h on one load: two threads, each of which adds to a random one of 64
// counters under the one lock, time after time. Prints operations a second.
//
//   locks_arm <lock> <seconds>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "../port/locks.h"
#include "../port/real_sync.h"

using namespace groundhog;

namespace {

constexpr uint32_t kCounters = 64;
constexpr uint32_t kTimes = 1000;
constexpr int kThreads = 2;

struct alignas(64) Counter {
  std::atomic<uint64_t> count{0};
};
Counter counters[kCounters];

template <class Lock>
struct Locked {
  Lock lock;
  void add(uint32_t which) {
    lock.lock();
    std::atomic<uint64_t>& count = counters[which].count;
    count.store(count.load(kRelaxed) + 1, kRelaxed);
    lock.unlock();
  }
};

struct LockFree {
  void add(uint32_t which) { counters[which].count.fetch_add(1, kRelaxed); }
};

template <class Adder>
void measure(double seconds) {
  Adder adder;
  std::atomic<bool> over{false};
  std::atomic<uint64_t> done{0};
  auto life = [&](uint32_t state) {
    uint64_t mine = 0;
    while (!over.load(kRelaxed)) {
      for (uint32_t time = 0; time < kTimes; ++time) {
        state = state * 1664525 + 1013904223;
        adder.add(state >> 26);
      }
      mine += kTimes;
    }
    done.fetch_add(mine);
  };
  auto start = std::chrono::steady_clock::now();
  std::thread threads[kThreads] = {std::thread(life, 1), std::thread(life, 2)};
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  over = true;
  for (std::thread& each : threads) each.join();
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%.0f\n", static_cast<double>(done) / took.count());
}

struct Arm {
  const char* name;
  void (*run)(double);
};
constexpr Arm kArms[] = {
    {"mutex", measure<Locked<RealSync::Mutex>>},
    {"spin", measure<Locked<SpinLock<RealSync>>>},
    {"ticket", measure<Locked<TicketLock<RealSync>>>},
    {"shared", measure<Locked<SharedLock<RealSync>>>},
    {"elided", measure<Locked<ElidedLock<RealSync>>>},
    {"lock-free", measure<LockFree>},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "transactions") == 0) {
    std::printf("%d\n", static_cast<int>(Rtm::offer()));
    return 0;
  }
  for (const Arm& arm : kArms) {
    if (argc != 3 || std::strcmp(argv[1], arm.name) != 0) continue;
    arm.run(std::atof(argv[2]));
    return 0;
  }
  std::fprintf(stderr, "locks_arm <lock> <seconds>\n");
  return 2;
}
