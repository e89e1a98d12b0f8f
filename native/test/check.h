// The tests of the C++ parts, without Node. A test is a sentence and a body; the program prints one
// line a test, `ok` or `FAILED` with the first check that did not hold, and test/native.test.ts
// shows them to vitest.

//
// A test that does not end is a failure as well: an alarm says which one it is, and ends the
// program.

#pragma once

#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace groundhog::test {

struct Test {
  const char* sentence;
  void (*body)();
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

inline bool test(const char* sentence, void (*body)()) {
  tests().push_back({sentence, body});
  return true;
}

inline const char* broken = nullptr;

inline void check(bool holds, const char* what) {
  if (!holds && broken == nullptr) broken = what;
}

constexpr unsigned kSecondsMax = 120;

inline const char* running = "";

// Only what may be called from a signal's handler.
inline void give_up(int) {
  for (const char* part : {"FAILED\t", running, "\tit does not end\n"}) {
    if (write(STDOUT_FILENO, part, std::strlen(part)) < 0) break;
  }
  _exit(1);
}

inline int run_all(unsigned seconds_max = kSecondsMax) {
  signal(SIGALRM, give_up);
  int failures = 0;
  for (const Test& each : tests()) {
    broken = nullptr;
    running = each.sentence;
    alarm(seconds_max);
    each.body();
    alarm(0);
    std::printf("%s\t%s\t%s\n", broken ? "FAILED" : "ok", each.sentence, broken ? broken : "");
    std::fflush(stdout);
    if (broken) ++failures;
  }
  return failures == 0 ? 0 : 1;
}

// SplitMix64 (Steele, Lea and Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>((next() >> 32) * bound >> 32); }

 private:
  uint64_t state_;
};

}  // namespace groundhog::test
