#include "../pool/client.h"

#include <thread>

#include "../pool/open_pool.h"
#include "../port/depth_first.h"
#include "../programs/weakened.h"
#include "check.h"

namespace groundhog::test {
namespace {

uint64_t now_ns = 0;

struct Opened {
  explicit Opened(Clients::Options options) {
    check(open_pool(shelf, {.capacity_bytes = 1 << 20}, pool) == Fault::none, "the pool opens");
    way = pool->attach();
    clients.emplace(*pool, options);
  }
  ~Opened() {
    pool->detach(way);
    close_pool(shelf, *pool);
  }

  Shelf shelf;
  std::unique_ptr<Pool> pool;
  Way* way = nullptr;
  std::optional<Clients> clients;
};

const bool quota = test("a caller has no more than its quota, and others have theirs", [] {
  Opened opened({});
  Clients& clients = *opened.clients;
  uint32_t small = clients.add({.quota_bytes = 1000});
  uint32_t other = clients.add({});
  Result<Offset> first = clients.allocate(*opened.way, 600, small);
  check(bool{first}, "it fits");
  check(clients.allocate(*opened.way, 401, small).fault() == Fault::over_quota, "it does not");
  check(clients.used_bytes(small) == 600, "what was refused does not count");
  check(bool{clients.allocate(*opened.way, 400, small)}, "to the last byte");
  check(bool{clients.allocate(*opened.way, 5000, other)}, "that of others is their own");
  check(clients.free(*opened.way, *first) == Fault::none, "it is given back");
  check(clients.used_bytes(small) == 400, "to whose it was");
  check(clients.free(*opened.way, *first) == Fault::double_free, "once");
  check(clients.used_bytes(small) == 400, "and counted once");
  check(clients.allocate(*opened.way, 1, 7).fault() == Fault::forbidden, "there is no account 7");
  check(clients.allocate(*opened.way, 2 << 20, other).fault() == Fault::invalid_size, "too large");
  check(clients.used_bytes(other) == 5000, "what the pool refused does not count");
});

const bool rate = test("a caller allocates no faster than its rate, but for a burst", [] {
  Opened opened({.now_ns = [] { return now_ns; }});
  Clients& clients = *opened.clients;
  now_ns = 1'000'000'000;
  uint32_t slow = clients.add({.bytes_per_second = 1000, .burst_bytes = 300});
  auto take = [&](size_t bytes) {
    Result<Offset> got = clients.allocate(*opened.way, bytes, slow);
    return got ? Fault::none : got.fault();
  };
  check(take(301) == Fault::over_rate, "more than a burst is never there");
  check(take(200) == Fault::none && take(100) == Fault::none, "a burst is");
  check(take(1) == Fault::over_rate, "and then no more");
  now_ns += 100'000'000;
  check(take(101) == Fault::over_rate && take(100) == Fault::none, "100 bytes after 100 ms");
  now_ns += 60'000'000'000;
  check(take(300) == Fault::none && take(1) == Fault::over_rate,
        "a burst again, no minute's worth");
  check(clients.used_bytes(slow) == 700, "what was refused does not count");
});

// Two threads draw what only one of them may have, while a third gives back.
template <Sync S>
void drawing() {
  AccountOf<S> account({.quota_bytes = 10});
  uint32_t drawn = 0;
  auto draw = [&] { drawn += account.draw(6, 0) == Fault::none; };
  typename S::Thread one(draw);
  typename S::Thread two(draw);
  one.join();
  two.join();
  sim::require(drawn == 1, "one of the two fits");
  sim::require(account.used_bytes() == 6, "and it alone is counted");
}

sim::Verdict verdict_of_all(void (*program)()) {
  sim::Engine engine;
  sim::DepthFirst search(UINT32_MAX);
  do {
    sim::Verdict verdict = engine.run(program, 1, &search).verdict;
    if (verdict != sim::Verdict::passed) return verdict;
  } while (search.next());
  return sim::Verdict::passed;
}

const bool schedules = test("under every schedule a quota holds, and its torn twin's does not", [] {
  check(verdict_of_all(drawing<sim::SimSync>) == sim::Verdict::passed, "it holds");
  using Torn = Weakened<sim::SimSync, TornUpdates>;
  check(verdict_of_all(drawing<Torn>) == sim::Verdict::violated, "both draw");
});

const bool threads = test("threads that share accounts leave them as they found them", [] {
  Opened opened({});
  Clients& clients = *opened.clients;
  uint32_t shared = clients.add({.quota_bytes = 3000});
  std::atomic<int> above{0};
  auto life = [&](uint64_t seed) {
    Way* way = opened.pool->attach();
    Random random(seed);
    for (int step = 0; step < 5'000; ++step) {
      Result<Offset> got = clients.allocate(*way, 1 + random.below(2000), shared);
      if (clients.used_bytes(shared) > 3000) ++above;
      if (got) clients.free(*way, *got);
    }
    opened.pool->detach(way);
  };
  std::thread one(life, 1);
  std::thread two(life, 2);
  one.join();
  two.join();
  check(above == 0, "never above the quota");
  check(clients.used_bytes(shared) == 0, "all of it was given back");
});

[[gnu::noinline]] Offset here(Opened& opened, uint32_t account) {
  Offset offset = *opened.clients->allocate(*opened.way, 100, account);
  asm volatile("");  // the call is not the last thing
  return offset;
}
[[gnu::noinline]] Offset there(Opened& opened, uint32_t account) {
  Offset offset = *opened.clients->allocate(*opened.way, 500, account);
  asm volatile("");
  return offset;
}

const bool stacks = test("leaks are told by account and by the place they come from", [] {
  Opened opened({.stacks = true});
  uint32_t account = opened.clients->add({});
  volatile int times = 3;  // of one place: the loop is not unrolled
  for (int n = 0; n < times; ++n) here(opened, account);
  Offset freed = there(opened, account);
  there(opened, account);
  there(opened, account);
  opened.clients->free(*opened.way, freed);
  std::vector<Leak> leaks = opened.clients->leaks();
  // The two calls of there() stand in two places.
  check(leaks.size() == 3, "a place each");
  check(leaks[0].bytes == 500 && leaks[0].blocks == 1, "the largest sum first");
  check(leaks[2].bytes == 300 && leaks[2].blocks == 3, "of one place one sum");
  check(leaks[0].stack != leaks[1].stack, "places differ");
  for (const Leak& leak : leaks) {
    check(leak.tag == account && !leak.stack.empty(), "with account and stack");
    check(!AllocationStacks::text_of(leak.stack.front()).empty(), "which can be told");
  }
  uintptr_t from = reinterpret_cast<uintptr_t>(&here);
  uintptr_t at = reinterpret_cast<uintptr_t>(leaks[2].stack.front());
  check(at > from && at < from + 2048, "its first frame is the caller");
});

}  // namespace
}  // namespace groundhog::test
