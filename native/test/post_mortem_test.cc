#include "../pool/post_mortem.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <fstream>
#include <sstream>
#include <string>

#include "../pool/open_pool.h"
#include "check.h"

namespace groundhog::test {
namespace {

constexpr const char* kPath = "/tmp/groundhog-post-mortem-test";

struct End {
  int status;
  std::string report;
};

// How a process ends that has a recorded pool, and what it leaves behind.
template <class Last>
End end_of(Last last) {
  ::unlink(kPath);
  pid_t child = fork();
  if (child == 0) {
    rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    for (int number : {SIGSEGV, SIGABRT, SIGILL}) signal(number, SIG_DFL);  // also a sanitizer's
    PostMortem::enable(kPath);
    Shelf shelf;
    std::unique_ptr<Pool> pool;
    PoolOptions options{.capacity_bytes = 64 * 1024, .recorded = true};
    if (open_pool(shelf, options, pool) != Fault::none) _exit(3);
    Way* way = pool->attach();
    Offset first = *pool->allocate(*way, 100, 7);
    (void)pool->allocate(*way, 30'000, 8);
    (void)pool->allocate(*way, 60'000, 9);
    pool->free(*way, first);
    pool->free(*way, first);
    last(*pool);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::ifstream file(kPath);
  std::ostringstream text;
  text << file.rdbuf();
  ::unlink(kPath);
  return {status, text.str()};
}

bool ended_by(const End& end, int signal) {
  return WIFSIGNALED(end.status) && WTERMSIG(end.status) == signal;
}
bool tells(const End& end, const char* what) { return end.report.find(what) != std::string::npos; }

const bool fault = test("a fault in a pool's memory is told with its offset, and ends the process",
                        [] {
  End end = end_of([](Pool& pool) {
    // What stands for a wild write: the page is taken away first.
    mprotect(pool.bytes() + 8192, 4096, PROT_NONE);
    *reinterpret_cast<volatile char*>(pool.bytes() + 8200) = 1;
  });
  check(ended_by(end, SIGSEGV), "by the signal that it was");
  check(tells(end, "SIGSEGV at offset 8200 of pool 0\nat "), "the place comes first");
  check(tells(end, "\npool 0: 65536 bytes\n"), "the pool");
  check(tells(end,
              "  free refused with fault 4, at 16\n  free at 16\n"
              "  allocate 60000 bytes, tag 9, refused with fault 1\n"
              "  allocate 30000 bytes, tag 8, at "),
        "the last operations, the latest first");
  check(tells(end, "in use, in tenths of each 64th: "), "the map");
  check(tells(end, "9999"), "of which the large block takes many cells");
  check(tells(end, "stack\n") && tells(end, "["), "and the stack");
});

const bool others = test("whatever signal ends a process is told, sent ones too", [] {
  End end = end_of([](Pool&) { *reinterpret_cast<volatile char*>(16) = 1; });
  check(ended_by(end, SIGSEGV) && tells(end, "SIGSEGV outside of all recorded pools"), "elsewhere");
  end = end_of([](Pool&) { abort(); });
  check(ended_by(end, SIGABRT) && tells(end, "SIGABRT\nat "), "an abort");
  end = end_of([](Pool&) { kill(getpid(), SIGSEGV); });
  check(ended_by(end, SIGSEGV) && tells(end, "SIGSEGV\nat "), "a signal that was sent");
  end = end_of([](Pool&) { __builtin_trap(); });
  check(tells(end, "SIG") && tells(end, "pool 0"), "a trap");
});

const bool overflow = test("a stack that overflowed is told as well", [] {
  struct Deep {
    static int down(volatile char* above, int left) {
      volatile char here[1024];
      here[0] = above[0];
      return left == 0 ? 0 : down(here, left - 1) + here[0];
    }
  };
  End end = end_of([](Pool&) {
    volatile char top = 1;
    _exit(Deep::down(&top, 1 << 30) == 0 ? 1 : 2);
  });
  check(ended_by(end, SIGSEGV) && tells(end, "pool 0"), "from a stack of its own");
});

const bool quiet = test("a process that ends well leaves no report, nor pools that were closed", [] {
  check(end_of([](Pool&) {}).report.empty(), "no report");
  Shelf shelf;
  std::unique_ptr<Pool> pool;
  PoolOptions options{.capacity_bytes = 4096, .recorded = true};
  check(open_pool(shelf, options, pool) == Fault::none, "a pool");
  check(Census::at(0) == pool.get(), "is counted");
  close_pool(shelf, *pool);
  check(Census::at(0) == nullptr, "until it is closed");
});

// The mutant: a handler before ours that goes on, as V8's does.
void step_over(int, siginfo_t*, void* context) {
#if defined(__x86_64__)
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP] += 2;
#elif defined(__aarch64__)
  static_cast<ucontext_t*>(context)->uc_mcontext.pc += 4;
#else
  (void)context;
  _exit(0);
#endif
}

const bool handled = test("a fault that another handler gets over is none", [] {
  ::unlink(kPath);
  pid_t child = fork();
  if (child == 0) {
    struct sigaction action = {};
    action.sa_sigaction = step_over;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGILL, &action, nullptr);
    PostMortem::enable(kPath);
#if defined(__x86_64__)
    asm volatile("ud2");
#elif defined(__aarch64__)
    asm volatile("udf #0");
#endif
    _exit(5);
  }
  int status = 0;
  waitpid(child, &status, 0);
  check(WIFEXITED(status) && WEXITSTATUS(status) == 5, "the process goes on");
  check(access(kPath, F_OK) != 0, "and there is no report");
});

}  // namespace
}  // namespace groundhog::test
