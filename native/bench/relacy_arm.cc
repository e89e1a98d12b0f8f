// The engine's programs under Relacy (Vyukov), with its random scheduler.

#include <relacy/relacy.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sstream>

namespace {

template <unsigned kThreads, unsigned kAdds>
struct Adds : rl::test_suite<Adds<kThreads, kAdds>, kThreads> {
  rl::atomic<unsigned> count;
  void before() { count($) = 0; }
  void thread(unsigned) {
    for (unsigned n = 0; n < kAdds; ++n) count($).fetch_add(1);
  }
  void after() { RL_ASSERT(count($).load() == kThreads * kAdds); }
};

// As programs/structures.h has it, without the plain data.
struct Stack : rl::test_suite<Stack, 2> {
  struct Head {
    unsigned block;
    unsigned tag;
    bool operator==(const Head& other) const { return block == other.block && tag == other.tag; }
    bool operator!=(const Head& other) const { return !(*this == other); }
    friend std::ostream& operator<<(std::ostream& out, const Head& head) {
      return out << head.block << '.' << head.tag;
    }
  };
  static constexpr unsigned kNone = ~0u;
  rl::atomic<Head> head;
  rl::atomic<unsigned> next[3];

  void push(unsigned block) {
    Head seen = head($).load(rl::mo_relaxed);
    Head put;
    do {
      next[block]($).store(seen.block, rl::mo_relaxed);
      put = Head{block, seen.tag};
    } while (!head($).compare_exchange_weak(seen, put, rl::mo_release,
                                            rl::mo_relaxed));
  }
  unsigned pop() {
    Head seen = head($).load(rl::mo_acquire);
    while (seen.block != kNone) {
      Head below{next[seen.block]($).load(rl::mo_relaxed), seen.tag + 1};
      if (head($).compare_exchange_weak(seen, below, rl::mo_acquire,
                                        rl::mo_acquire)) {
        break;
      }
    }
    return seen.block;
  }
  void before() {
    head($).store(Head{kNone, 0});
    for (unsigned block = 3; block-- > 0;) push(block);
  }
  void thread(unsigned self) {
    if (self == 0) {
      pop();
      return;
    }
    unsigned first = pop();
    pop();
    if (first != kNone) push(first);
  }
};

// In the process's own time: what others take is not in it.
double own_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <class Suite>
double rate(double seconds) {
  double best = 0;
  unsigned count = 20'000;
  double start = own_seconds();
  do {
    std::ostringstream output;
    rl::test_params params;
    params.iteration_count = count;
    params.search_type = rl::random_scheduler_type;
    params.output_stream = &output;
    params.progress_stream = &output;
    double from = own_seconds();
    if (!rl::simulate<Suite>(params)) std::abort();
    double now = count / (own_seconds() - from);
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
    std::printf("%.6g\n", rate<Adds<4, 3>>(seconds));
  } else if (is("engine-4x10")) {
    std::printf("%.6g\n", rate<Adds<4, 10>>(seconds));
  } else if (is("engine-stack")) {
    std::printf("%.6g\n", rate<Stack>(seconds));
  } else {
    return 2;
  }
  return 0;
}
