// Schedules a second of the engine, by chance.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "../programs/structures.h"

namespace {

using namespace groundhog;
using sim::SimSync;

template <uint32_t kThreads, uint32_t kAdds>
void adds() {
  SimSync::Atomic<uint32_t> count{0};
  uint32_t threads[kThreads];
  for (uint32_t& each : threads) {
    each = sim::Engine::current().spawn([&count] {
      for (uint32_t n = 0; n < kAdds; ++n) count.fetch_add(1);
    });
  }
  for (uint32_t each : threads) sim::Engine::current().join(each);
  sim::require(count.load() == kThreads * kAdds, "no addition is lost");
}

// As in relacy_arm.cc: no plain data, and nothing is checked.
void stack() {
  using Stack = TreiberStack<SimSync, 3>;
  Stack stack;
  for (uint32_t block = 3; block-- > 0;) stack.push(block);
  SimSync::Thread a([&] { stack.pop(); });
  SimSync::Thread b([&] {
    uint32_t first = stack.pop();
    stack.pop();
    if (first != Stack::kNone) stack.push(first);
  });
  a.join();
  b.join();
}

// In the process's own time: what others take is not in it.
double own_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double rate(void (*root)(), double seconds) {
  constexpr uint32_t kCount = 20'000;
  sim::Engine engine;
  double best = 0;
  uint64_t seed = 0;
  double start = own_seconds();
  do {
    double from = own_seconds();
    for (uint32_t n = 0; n < kCount; ++n) {
      if (engine.run(root, ++seed).verdict != sim::Verdict::passed) std::abort();
    }
    double now = kCount / (own_seconds() - from);
    if (now > best) best = now;
  } while (own_seconds() - start < seconds);
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  double seconds = std::atof(argv[2]);
  auto is = [&](const char* name) { return std::strcmp(argv[1], name) == 0; };
  if (is("engine-4x3")) {
    std::printf("%.6g\n", rate(adds<4, 3>, seconds));
  } else if (is("engine-4x10")) {
    std::printf("%.6g\n", rate(adds<4, 10>, seconds));
  } else if (is("engine-stack")) {
    std::printf("%.6g\n", rate(stack, seconds));
  } else {
    return 2;
  }
  return 0;
}
