#include "../port/depth_first.h"
#include "../port/dpor.h"
#include "../port/pct.h"
#include "../port/sim_sync.h"
#include "check.h"

namespace groundhog::test {
namespace {

using sim::Atomic;
using sim::Calm;
using sim::Engine;
using sim::Limits;
using sim::Mutex;
using sim::Outcome;
using sim::Plain;
using sim::require;
using sim::SimSync;
using sim::Thread;
using sim::Verdict;

// What a search over all schedules finds: the verdicts, as a set of bits.
template <class Root>
uint32_t verdicts(Root root, Limits limits = {}) {
  Engine engine(limits);
  sim::Dpor strategy;
  uint32_t seen = 0;
  do {
    seen |= 1u << static_cast<uint32_t>(engine.run(root, 0, &strategy).verdict);
  } while (strategy.next());
  return seen & ~(1u << static_cast<uint32_t>(Verdict::pruned));
}

constexpr uint32_t set_of(Verdict verdict) { return 1u << static_cast<uint32_t>(verdict); }
constexpr uint32_t kPassed = set_of(Verdict::passed);

const bool races = test("unordered accesses to plain data are a race in every schedule", [] {
  check(verdicts([] {
          Plain<int> data{0};
          Thread writer([&] { data = 1; });
          data = 2;
          writer.join();
        }) == set_of(Verdict::race),
        "two writes");
  check(verdicts([] {
          Plain<int> data{0};
          Thread writer([&] { data = 1; });
          (void)data.read();
          writer.join();
        }) == set_of(Verdict::race),
        "a write and a read");
  check(verdicts([] {
          Plain<int> data{0};
          Thread a([&] { (void)data.read(); });
          Thread b([&] { (void)data.read(); });
          a.join();
          b.join();
          data = 1;
        }) == kPassed,
        "reads, and a write after the joins");
});

template <Order kStore, Order kLoad>
void hand_over() {
  Plain<int> data{0};
  Atomic<bool> ready{false};
  Thread writer([&] {
    data = 42;
    ready.store(true, kStore);
  });
  Thread reader([&] {
    if (ready.load(kLoad)) require(data == 42, "the data that was published");
  });
  writer.join();
  reader.join();
}

const bool publication = test("release and acquire publish, and nothing weaker does", [] {
  check(verdicts(hand_over<kRelease, kAcquire>) == kPassed, "release and acquire");
  check(verdicts(hand_over<kSeqCst, kSeqCst>) == kPassed, "seq_cst");
  uint32_t racy = kPassed | set_of(Verdict::race);
  check(verdicts(hand_over<kRelaxed, kAcquire>) == racy, "a relaxed store");
  check(verdicts(hand_over<kRelease, kRelaxed>) == racy, "a relaxed load");
});

const bool deadlocks = test("locks taken in two orders deadlock, and in one order do not", [] {
  auto two_locks = [](bool same_order) {
    return [same_order] {
      Mutex a, b;
      auto both = [](Mutex& first, Mutex& second) {
        first.lock();
        second.lock();
        second.unlock();
        first.unlock();
      };
      Thread one([&] { both(a, b); });
      Thread two([&] { same_order ? both(a, b) : both(b, a); });
      one.join();
      two.join();
    };
  };
  check(verdicts(two_locks(false)) == (kPassed | set_of(Verdict::deadlock)), "two orders");
  check(verdicts(two_locks(true)) == kPassed, "one order");
});

const bool locked = test("a mutex orders plain data, and a try_lock that fails does not", [] {
  check(verdicts([] {
          Mutex mutex;
          Plain<int> count{0};
          auto add = [&] {
            mutex.lock();
            count = count + 1;
            mutex.unlock();
          };
          Thread a(add), b(add), c(add);
          a.join();
          b.join();
          c.join();
          require(count == 3, "all three count");
        }) == kPassed,
        "three threads count");
  check(verdicts([] {
          Mutex mutex;
          Plain<int> count{0};
          auto add = [&] {
            bool held = mutex.try_lock();
            count = count + 1;
            if (held) mutex.unlock();
          };
          Thread a(add), b(add);
          a.join();
          b.join();
        }) == (kPassed | set_of(Verdict::race)),
        "who ignores the answer races");
});

const bool waiting = test("await is woken by the value it waits for, or is a deadlock", [] {
  auto ping = [](int wanted) {
    return [wanted] {
      Atomic<int> ball{0};
      Thread waiter([&] { ball.await([&](int v) { return v == wanted; }, kAcquire); });
      ball.store(1);
      ball.store(2);
      waiter.join();
    };
  };
  check(verdicts(ping(2)) == kPassed, "the last value");
  check(verdicts(ping(1)) == kPassed, "a value that may be read although it is old");
  check(verdicts(ping(3)) == set_of(Verdict::deadlock), "a value that never comes");
  check(verdicts(ping(1), {.weak = false}) == (kPassed | set_of(Verdict::deadlock)),
        "a value that is overwritten, where only the newest can be read");
});

const bool livelock = test("a loop that waits for nothing reaches the limit of steps", [] {
  Engine engine({.steps_max = 1000});
  auto root = [] {
    Atomic<bool> never{false};
    Thread spinner([&] {
      while (!never.load()) SimSync::pause();
    });
    spinner.join();
  };
  check(engine.run(root, 1).verdict == Verdict::livelock, "the verdict");
});

struct Node {
  Plain<int> value{7};
  Atomic<Node*> next{nullptr};
};

const bool memory =
    test("memory that is used or freed after its end, or never freed, is found", [] {
      check(verdicts([] {
              Node* node = SimSync::make<Node>();
              SimSync::destroy(node);
              (void)node->value.read();
            }) == set_of(Verdict::use_after_free),
            "plain data");
      check(verdicts([] {
              Node* node = SimSync::make<Node>();
              SimSync::destroy(node);
              (void)node->next.load();
            }) == set_of(Verdict::use_after_free),
            "an atomic");
      check(verdicts([] {
              int* node = SimSync::make<int>(1);
              SimSync::destroy(node);
              SimSync::destroy(node);
            }) == set_of(Verdict::double_free),
            "a second free");
      check(verdicts([] { SimSync::make<Node>(); }) == set_of(Verdict::leak), "no free");
      check(verdicts([] {
              Plain<int> unset;
              (void)unset.read();
            }) == set_of(Verdict::uninitialised),
            "no write");
      check(verdicts([] {
              Node* first = SimSync::make<Node>();
              SimSync::destroy(first);
              Node* second = SimSync::make<Node>();
              bool same = first == second;
              SimSync::destroy(second);
              require(!same, "other memory");
            }) == (kPassed | set_of(Verdict::violated)),
            "freed memory may be given out again");
    });

// A counter that loses an addition when both threads read before either writes.
void lost_update() {
  Atomic<int> count{0};
  auto add = [&] { count.store(count.load(kRelaxed) + 1, kRelaxed); };
  Thread a(add), b(add);
  a.join();
  b.join();
  require(count.load() == 2, "no addition is lost");
}

const bool replay = test("the decisions of a run make the same run again", [] {
  Engine engine;
  Engine other;
  int failures = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    sim::Pct pct(3, 8);
    sim::Strategy* strategy = seed % 2 == 0 ? &pct : nullptr;
    auto root = lost_update;
    Outcome first = engine.run(root, seed, strategy);
    std::vector<uint32_t> taken(engine.decisions().begin(), engine.decisions().end());
    uint32_t steps = engine.steps();
    failures += first.verdict == Verdict::violated;

    check(other.run(root, seed, strategy).verdict == first.verdict, "from the seed");
    check(
        std::equal(taken.begin(), taken.end(), other.decisions().begin(), other.decisions().end()),
        "with the same decisions");

    Calm calm;
    check(other.run(root, 999, &calm, taken).verdict == first.verdict, "from the record");
    check(other.steps() == steps, "in as many steps");
  }
  check(failures > 20 && failures < 180, "some of the runs fail");
});

const bool calmest = test("what a prefix does not cover is calm, and calm is no preemption", [] {
  Engine engine;
  Calm calm;
  auto root = [] {
    Atomic<int> turn{0};
    Thread a([&] {
      for (int i = 0; i < 3; ++i) require(turn.fetch_add(1) == i, "uninterrupted");
    });
    Thread b([&] { turn.fetch_add(10); });
    a.join();
    b.join();
  };
  check(engine.run(root, 5, &calm).verdict == Verdict::passed, "nothing forced");
  uint32_t b_first[] = {sim::Decision::of(sim::Site::pick, 2, 2).word};
  check(engine.run(root, 5, &calm, b_first).verdict == Verdict::violated, "one decision forced");
  uint32_t nonsense[] = {sim::Decision::of(sim::Site::heap, 2, 1).word,
                         sim::Decision::of(sim::Site::pick, 2, 14).word};
  check(engine.run(root, 5, &calm, nonsense).verdict == Verdict::passed,
        "what does not fit is calm");
});

const bool bounded = test("a preemption bound leaves out what needs more preemptions", [] {
  auto count = [](uint32_t preemptions) {
    Engine engine;
    sim::DepthFirst strategy(preemptions);
    uint32_t failures = 0;
    auto root = lost_update;
    do failures += engine.run(root, 0, &strategy).verdict == Verdict::violated;
    while (strategy.next());
    return failures;
  };
  auto strict = [](uint32_t preemptions) {
    Engine engine({.weak = false});
    sim::DepthFirst strategy(preemptions);
    uint32_t failures = 0;
    auto root = lost_update;
    do failures += engine.run(root, 0, &strategy).verdict == Verdict::violated;
    while (strategy.next());
    return failures;
  };
  check(strict(0) == 0, "no addition is lost without a preemption");
  check(strict(1) > 0, "one is enough");
  check(count(0) > 0, "a stale read needs none");
});

const bool many = test("fifteen threads are a run, and one more is refused", [] {
  auto spawn = [](uint32_t threads) {
    return [threads] {
      Atomic<uint32_t> count{0};
      uint32_t made[sim::kThreadsMax + 1];
      for (uint32_t at = 0; at < threads; ++at) {
        made[at] = Engine::current().spawn([&] { count.fetch_add(1); });
      }
      for (uint32_t at = 0; at < threads; ++at) Engine::current().join(made[at]);
      require(count.load() == threads, "all have run");
    };
  };
  Engine engine;
  auto most = spawn(sim::kThreadsMax - 1);
  auto more = spawn(sim::kThreadsMax);
  check(engine.run(most, 3).verdict == Verdict::passed, "with the root, fifteen");
  check(engine.run(more, 3).verdict == Verdict::violated, "sixteen");
});

const bool history = test("a location that forgets stores says so", [] {
  Engine engine;
  auto root = [] {
    Atomic<int> at{0};
    Thread writer([&] {
      for (int i = 0; i < 40; ++i) at.store(i, kRelaxed);
    });
    (void)at.load(kRelaxed);
    writer.join();
  };
  engine.run(root, 1);
  check(!engine.complete(), "forty stores are more than are kept");
  auto short_root = lost_update;
  engine.run(short_root, 1);
  check(engine.complete(), "the next run starts afresh");
});

}  // namespace
}  // namespace groundhog::test
