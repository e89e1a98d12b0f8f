#include <map>

#include "../alloc/best_fit.h"
#include "check.h"

namespace groundhog::test {
namespace {

struct Ground {
  explicit Ground(Unit units)
      : ledger(BestFit::ledger_bytes(units)), blocks(ledger.data(), units) {}
  std::vector<std::byte> ledger;
  BestFit blocks;
};

// What best fit should do, told as slowly and plainly as possible.
class Shadow {
 public:
  explicit Shadow(Unit limit) : limit_(limit) {}

  Result<Unit> take(Unit units) {
    Unit best = 0;
    Unit best_units = 0;
    Unit at = 0;
    for (auto [first, live_units] : live_) {
      Unit hole = first - at;
      if (hole >= units && (best_units == 0 || hole < best_units)) best = at, best_units = hole;
      at = first + live_units;
    }
    if (best_units == 0) {
      if (limit_ - at < units) return Fault::out_of_memory;
      best = at;
    }
    live_[best] = units;
    return best;
  }

  void give(Unit first) { live_.erase(first); }
  const std::map<Unit, Unit>& live() const { return live_; }

 private:
  Unit limit_;
  std::map<Unit, Unit> live_;
};

const bool smallest_hole = test("the smallest hole that is large enough is taken", [] {
  Ground ground(1000);
  BestFit& blocks = ground.blocks;
  Unit wide = *blocks.take(10, 0, 0);
  blocks.take(1, 0, 0).fault();
  Unit narrow = *blocks.take(5, 0, 0);
  blocks.take(1, 0, 0).fault();
  blocks.give(wide);
  blocks.give(narrow);
  check(*blocks.take(5, 0, 0) == narrow, "5 units go into the hole of 5");
  check(*blocks.take(6, 0, 0) == wide, "6 units go into the hole of 10");
  check(blocks.holds(), "the invariants hold");
});

const bool joins = test("a freed block joins both neighbours at once", [] {
  Ground ground(1000);
  BestFit& blocks = ground.blocks;
  Unit a = *blocks.take(3, 0, 0);
  Unit b = *blocks.take(4, 0, 0);
  Unit c = *blocks.take(5, 0, 0);
  blocks.take(1, 0, 0).fault();
  blocks.give(a);
  blocks.give(c);
  blocks.give(b);
  check(*blocks.take(12, 0, 0) == a, "the three make one hole of 12");
  check(blocks.holds(), "the invariants hold");
});

const bool told_apart = test("a second free is told from a wrong offset", [] {
  Ground ground(1000);
  BestFit& blocks = ground.blocks;
  Unit a = *blocks.take(8, 0, 0);
  Unit b = *blocks.take(8, 0, 0);
  blocks.give(b);
  check(blocks.give(b) == Fault::double_free, "after it became part of the top");
  check(blocks.give(a + 1) == Fault::invalid_offset, "inside of a live block");
  check(blocks.give(999) == Fault::invalid_offset, "where no block ever was");
  check(blocks.give(5000) == Fault::invalid_offset, "outside of the region");
  blocks.give(a);
  check(*blocks.take(16, 0, 0) == a, "a wider block covers both");
  check(blocks.give(b) == Fault::invalid_offset, "what was a block is now inside of another");
});

const bool full = test("a full region refuses and stays as it was", [] {
  Ground ground(16);
  BestFit& blocks = ground.blocks;
  Unit a = *blocks.take(16, 0, 0);
  check(blocks.take(1, 0, 0).fault() == Fault::out_of_memory, "the 17th unit is refused");
  check(blocks.largest_free() == 0, "nothing is free");
  blocks.give(a);
  check(blocks.largest_free() == 16, "all is free again");
  check(blocks.take(17, 0, 0).fault() == Fault::out_of_memory, "more than there is");
});

// Each of 40 seeds makes some 2,500 takes and as many frees on a region that is often full; the
// kinds of neighbourhood a free can meet are all seen hundreds of times in each.
const bool against_shadow = test("random calls agree with a plain model of best fit", [] {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    constexpr Unit kUnits = 3000;
    Ground ground(kUnits);
    Shadow shadow(kUnits);
    std::vector<Unit> live;
    for (int step = 0; step < 5000; ++step) {
      bool take = live.empty() || random.below(100) < (step % 1000 < 500 ? 60 : 40);
      if (take) {
        Unit units = 1 + random.below(random.below(10) == 0 ? 200 : 20);
        Result<Unit> got = ground.blocks.take(units, units * 16, 7);
        Result<Unit> expected = shadow.take(units);
        check(got.fault() == expected.fault() && *got == *expected, "the same place");
        if (got) live.push_back(*got);
      } else {
        uint32_t at = random.below(static_cast<uint32_t>(live.size()));
        check(ground.blocks.give(live[at]) == Fault::none, "a live block can be freed");
        shadow.give(live[at]);
        live[at] = live.back();
        live.pop_back();
      }
      if (step % 100 == 0) check(ground.blocks.holds(), "the invariants hold");
    }
    size_t seen = 0;
    ground.blocks.each([&](const BestFit::Block& block) {
      if (!block.live) return;
      auto expected = shadow.live().find(block.first);
      check(expected != shadow.live().end() && expected->second == block.units, "the same blocks");
      ++seen;
    });
    check(seen == shadow.live().size(), "and no fewer");
  }
});

const bool reset = test("after a reset the same calls give the same places", [] {
  Ground ground(3000);
  auto places = [&] {
    Random random(5);
    std::vector<Unit> result;
    for (int step = 0; step < 500; ++step) {
      if (!result.empty() && random.below(3) == 0) {
        ground.blocks.give(result[random.below(static_cast<uint32_t>(result.size()))]);
      }
      Result<Unit> got = ground.blocks.take(1 + random.below(30), 0, 0);
      result.push_back(got ? *got : 0);
    }
    return result;
  };
  std::vector<Unit> first = places();
  ground.blocks.reset();
  check(ground.blocks.holds() && ground.blocks.live_count() == 0, "it is empty");
  check(places() == first, "the second life is as the first");
});

}  // namespace
}  // namespace groundhog::test
