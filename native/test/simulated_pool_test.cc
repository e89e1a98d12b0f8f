#include "../pool/open_simulated_pool.h"

#include <map>

#include "../port/depth_first.h"
#include "check.h"

namespace groundhog::test {
namespace {

using Call = SimulatedPool::Call;

// A caller that answers by chance, and keeps count of what its blocks hold.
class Caller {
 public:
  Caller(SimulatedPool& pool, uint64_t seed) : pool_(pool), random_(seed) {}

  // What the call answered; nothing when the pool has failed.
  Result<uint32_t> call(Call call, uint64_t first, uint32_t second) {
    bool done = pool_.call({call, first, second}, false);
    for (; !done; ++questions_) done = pool_.resume(random_.below(pool_.question().count));
    return pool_.is_over() ? Result<uint32_t>(Fault::closed) : pool_.result();
  }

  bool is_well() const { return !pool_.is_over(); }
  uint32_t questions() const { return questions_; }

 private:
  SimulatedPool& pool_;
  Random random_;
  uint32_t questions_ = 0;
};

struct Run {
  bool intact = true;  // every block held what was written into it
  sim::Verdict verdict = sim::Verdict::passed;
  uint32_t refused = 0;
  uint32_t questions = 0;
  uint64_t trace = 0;
};

// A hundred calls on a pool that is often full.
Run run(uint64_t seed, Simulated kind) {
  static Shelf shelf;
  std::unique_ptr<SimulatedPool> pool;
  Run result;
  if (open_simulated_pool(shelf, {.capacity_bytes = 4 * kPageBytes}, kind, pool) != Fault::none) {
    result.intact = false;
    return result;
  }
  Caller caller(*pool, seed);
  Random random(seed + 1000);
  Hash trace;
  struct Block {
    uint32_t bytes;
    std::byte filled;
  };
  std::map<uint32_t, Block> live;
  for (uint32_t step = 0; step < 100 && caller.is_well(); ++step) {
    if (live.empty() || random.below(2) == 0) {
      uint32_t bytes = 1 + random.below(600);
      Result<uint32_t> offset = caller.call(Call::allocate, bytes, 0);
      if (!offset) {
        ++result.refused;
        continue;
      }
      trace.add(*offset);
      std::byte filled{static_cast<uint8_t>(1 + step)};
      std::memset(pool->bytes() + *offset, static_cast<int>(filled), bytes);
      result.intact = result.intact && live.emplace(*offset, Block{bytes, filled}).second;
    } else {
      auto at = std::next(live.begin(), random.below(static_cast<uint32_t>(live.size())));
      auto [offset, block] = *at;
      const std::byte* start = pool->bytes() + offset;
      result.intact = result.intact && std::all_of(start, start + block.bytes, [&](std::byte each) {
                        return each == block.filled;
                      });
      Result<uint32_t> freed = caller.call(Call::free, offset, 0);
      result.intact = result.intact && (freed || !caller.is_well());
      live.erase(at);
    }
  }
  if (caller.is_well()) {
    pool->call({Call::look}, true);
    result.intact = result.intact && pool->seen().live.size() == live.size();
  }
  if (caller.is_well()) pool->call({Call::close}, true);
  result.verdict = pool->outcome().verdict;
  result.questions = caller.questions();
  result.trace = trace.value();
  return result;
}

const bool correct =
    test("a pool's threads take nothing from its caller, whatever their order", [] {
      uint32_t refused = 0;
      uint32_t questions = 0;
      for (uint64_t seed = 1; seed <= 300; ++seed) {
        Run got = run(seed, Simulated::blocks);
        check(got.intact && got.verdict == sim::Verdict::passed, "blocks stay as they were");
        refused += got.refused;
        questions += got.questions;
      }
      check(refused > 0, "the pool was full at times");
      check(questions > 10'000, "there were choices");
    });

// Of 1,000 runs 575 find it: 60 all miss it with probability 1e-22.
const bool broken = test("a wiper that gives blocks back before it wipes them is found", [] {
  bool found = false;
  for (uint64_t seed = 1; seed <= 60 && !found; ++seed) {
    Run got = run(seed, Simulated::blocks_wiped_late);
    found = !got.intact || got.verdict != sim::Verdict::passed;
  }
  check(found, "a block was overwritten");
});

const bool calm = test("without a wish of the host nobody else runs, and the twin behaves", [] {
  Shelf shelf;
  std::unique_ptr<SimulatedPool> pool;
  check(open_simulated_pool(shelf, {.capacity_bytes = kPageBytes}, Simulated::blocks_wiped_late,
                            pool) == Fault::none,
        "it opens");
  for (uint32_t time = 0; time < 200; ++time) {
    check(pool->call({Call::allocate, 300, 7}, true), "no question is asked");
    uint32_t offset = *pool->result();
    check(pool->call({Call::block_bytes, offset, 0}, true) && *pool->result() == 300, "its size");
    check(pool->call({Call::free, offset, 0}, true) && bool{pool->result()}, "it is freed");
    check(pool->call({Call::free, offset, 0}, true), "and not again");
    check(pool->result().fault() == Fault::double_free, "which is told");
  }
});

const bool replayed = test("the same answers make the same run", [] {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Run first = run(seed, Simulated::blocks);
    Run second = run(seed, Simulated::blocks);
    check(first.trace == second.trace && first.questions == second.questions, "places and choices");
  }
});

// One thread sleeps until there is work; another may take it away.
void sleeping() {
  WipeQueue<sim::SimSync> queue;
  bool stopping = false;
  sim::Thread sleeper([&] {
    while (queue.wait()) queue.done(queue.take() == kNoUnit ? 0 : 1);
    sim::require(stopping, "it sleeps on until it is stopped");
  });
  sim::Thread frees([&] { queue.push(1); });
  sim::Thread wants([&] {
    queue.done(queue.take() == kNoUnit ? 0 : 1);
    queue.settle();
  });
  frees.join();
  wants.join();
  stopping = true;
  queue.stop();
  sleeper.join();
}

const bool sleeper = test("who wipes sleeps while there is nothing to do, and ends when told", [] {
  sim::Engine engine;
  sim::DepthFirst search(3);
  sim::Verdict verdict = sim::Verdict::passed;
  uint32_t runs = 0;
  do verdict = engine.run(sleeping, 1, &search).verdict, ++runs;
  while (verdict == sim::Verdict::passed && search.next());
  check(verdict == sim::Verdict::passed, engine.outcome().message);
  check(runs > 100, "many schedules");
});

}  // namespace
}  // namespace groundhog::test
