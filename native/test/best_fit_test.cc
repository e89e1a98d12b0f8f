#include <map>

#include "../alloc/best_fit.h"
#include "check.h"

namespace groundhog::test {
namespace {

struct Ground {
  explicit Ground(Grain grains)
      : ledger(BestFit::ledger_bytes(grains)), blocks(ledger.data(), grains) {}
  std::vector<std::byte> ledger;
  BestFit blocks;
};

// What best fit should do, told as slowly and plainly as possible.
class Shadow {
 public:
  explicit Shadow(Grain limit) : limit_(limit) {}

  // Whether `got` is a right answer to a request: the start of a smallest hole that is large
  // enough, or the top when there is none.
  bool agrees(Grain grains, Result<Grain> got) const {
    Grain best = 0;
    bool at_best = false;
    Grain at = 0;
    for (auto [first, live_grains] : live_) {
      Grain hole = first - at;
      if (hole >= grains && (best == 0 || hole < best)) best = hole, at_best = false;
      if (hole >= grains && hole == best && got && *got == at) at_best = true;
      at = first + live_grains;
    }
    if (best != 0) return at_best;
    if (limit_ - at < grains) return got.fault() == Fault::out_of_memory;
    return got && *got == at;
  }

  bool is_free(Grain first, Grain grains) const {
    for (auto [live_first, live_grains] : live_) {
      if (first < live_first + live_grains && live_first < first + grains) return false;
    }
    return first + grains <= limit_;
  }

  void take(Grain first, Grain grains) { live_[first] = grains; }
  void give(Grain first) { live_.erase(first); }
  const std::map<Grain, Grain>& live() const { return live_; }

 private:
  Grain limit_;
  std::map<Grain, Grain> live_;
};

const bool smallest_hole = test("the smallest hole that is large enough is taken", [] {
  Ground ground(1000);
  BestFit& blocks = ground.blocks;
  Grain wide = *blocks.take(10);
  blocks.take(1).fault();
  Grain narrow = *blocks.take(5);
  blocks.take(1).fault();
  blocks.give(wide);
  blocks.give(narrow);
  check(*blocks.take(5) == narrow, "5 grains go into the hole of 5");
  check(*blocks.take(6) == wide, "6 grains go into the hole of 10");
  check(blocks.holds(), "the invariants hold");
});

const bool joins = test("a freed block joins both neighbours at once", [] {
  Ground ground(1000);
  BestFit& blocks = ground.blocks;
  Grain a = *blocks.take(3);
  Grain b = *blocks.take(4);
  Grain c = *blocks.take(5);
  blocks.take(1).fault();
  blocks.give(a);
  blocks.give(c);
  blocks.give(b);
  check(*blocks.take(12) == a, "the three make one hole of 12");
  check(blocks.holds(), "the invariants hold");
});

const bool told_apart = test("a second free is told from a wrong offset", [] {
  Ground ground(1000);
  BestFit& blocks = ground.blocks;
  Grain a = *blocks.take(8);
  Grain b = *blocks.take(8);
  blocks.give(b);
  check(blocks.give(b) == Fault::double_free, "after it became part of the top");
  check(blocks.give(a + 1) == Fault::invalid_offset, "inside of a live block");
  check(blocks.give(999) == Fault::invalid_offset, "where no block ever was");
  check(blocks.give(5000) == Fault::invalid_offset, "outside of the region");
  blocks.give(a);
  check(*blocks.take(16) == a, "a wider block covers both");
  check(blocks.give(b) == Fault::invalid_offset, "what was a block is now inside of another");
});

const bool full = test("a full region refuses and stays as it was", [] {
  Ground ground(16);
  BestFit& blocks = ground.blocks;
  Grain a = *blocks.take(16);
  check(blocks.take(1).fault() == Fault::out_of_memory, "the 17th grain is refused");
  check(blocks.largest_free() == 0, "nothing is free");
  blocks.give(a);
  check(blocks.largest_free() == 16, "all is free again");
  check(blocks.take(17).fault() == Fault::out_of_memory, "more than there is");
});

// Each of 40 seeds makes some 2,500 takes and as many frees in a space that is often full; the
// kinds of neighbourhood that a free can meet are all seen hundreds of times in each.
const bool against_shadow = test("random calls agree with a plain model of best fit", [] {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    constexpr Grain kGrains = 6000;
    Ground ground(kGrains);
    Shadow shadow(kGrains);
    std::vector<Grain> live;
    for (int step = 0; step < 5000; ++step) {
      bool take = live.empty() || random.below(100) < (step % 1000 < 500 ? 60 : 40);
      if (take) {
        Grain grains = 1 + random.below(random.below(10) == 0 ? 400 : 20);
        bool aligned = random.below(8) == 0;
        Result<Grain> got =
            aligned ? ground.blocks.take_aligned(grains, 32) : ground.blocks.take(grains);
        if (aligned) {
          check(!got || (*got % 32 == 0 && shadow.is_free(*got, grains)), "aligned, and free");
        } else {
          check(shadow.agrees(grains, got), "the place that best fit takes");
        }
        if (!got) continue;
        shadow.take(*got, grains);
        live.push_back(*got);
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
      check(expected != shadow.live().end() && expected->second == block.grains, "the same blocks");
      ++seen;
    });
    check(seen == shadow.live().size(), "and no fewer");
  }
});

// Moves the run of blocks behind the hole down, up to one that stays; how many grains that were.
template <class Stays>
Grain slide(BestFit& blocks, const BestFit::Block& hole, Stays stays) {
  blocks.take_hole(hole.first);
  Grain at = hole.first;
  Grain moved = 0;
  for (BestFit::Block next; next = blocks.block_at(at + hole.grains), next.live; moved += next.grains) {
    if (stays(next.first)) break;
    at = blocks.swap_with_next(at);
    check(blocks.holds(), "the invariants hold while a hole is taken");
  }
  blocks.give(at);
  return moved;
}

// As above, and every now and then everything that may move is moved down; one block in ten may
// not.
const bool slides = test("blocks change places with the hole before them, but for those that stay", [] {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    Ground ground(6000);
    BestFit& blocks = ground.blocks;
    std::map<Grain, Grain> live;
    for (int round = 0; round < 20; ++round) {
      for (int step = 0; step < 100; ++step) {
        Grain grains = 1 + random.below(40);
        Result<Grain> got = blocks.take(grains);
        if (got) live[*got] = grains;
        if (!live.empty() && (!got || random.below(10) < 6)) {
          auto victim = live.begin();
          std::advance(victim, random.below(static_cast<uint32_t>(live.size())));
          check(blocks.give(victim->first) == Fault::none, "a live block can be freed");
          live.erase(victim);
        }
      }
      auto stays = [](Grain first) { return first % 10 == 3; };
      Grain before = 0;
      for (BestFit::Block hole = blocks.hole_after(0); hole.grains > 0;
           hole = blocks.hole_after(before)) {
        Grain moved = slide(blocks, hole, stays);
        std::map<Grain, Grain> slid;
        for (auto [first, grains] : live) {
          bool in_run = first >= hole.end() && first < hole.end() + moved;
          slid[in_run ? first - hole.grains : first] = grains;
        }
        live = slid;
        before = hole.end() + moved;
        check(blocks.holds(), "the invariants hold");
      }
      for (auto [first, grains] : live) {
        Result<Grain> found = blocks.grains_of(first);
        check(found && *found == grains, "each is where it slid to");
      }
      check(blocks.live_count() == live.size(), "and there is no other");
    }
  }
});

const bool below = test("a block is taken below a line only where it ends below it", [] {
  Ground ground(1000);
  BestFit& blocks = ground.blocks;
  Grain low = *blocks.take(10);
  blocks.take(1).fault();
  Grain high = *blocks.take(6);
  Grain last = *blocks.take(1);
  blocks.give(low);
  blocks.give(high);
  check(blocks.last_before(1000).first == last, "the last block");
  check(*blocks.take_below(6, 11) == low, "not the smaller hole, which lies above");
  check(blocks.take_below(6, 16).fault() == Fault::out_of_memory, "nothing is left below");
  check(*blocks.take_below(6, 17) == high, "it ends just there");
});

const bool restored = test("a ledger is made anew from the blocks that are live", [] {
  Ground ground(1000);
  check(ground.blocks.restore(5, 10) == Fault::none, "after a gap");
  check(ground.blocks.restore(15, 5) == Fault::none, "right behind");
  check(ground.blocks.restore(19, 5) == Fault::corrupt, "two that overlap");
  check(ground.blocks.restore(990, 11) == Fault::corrupt, "beyond the end");
  check(ground.blocks.restore(900, 100) == Fault::none, "up to the end");
  check(ground.blocks.holds() && ground.blocks.live_count() == 3, "and it holds");
  check(*ground.blocks.take(5) == 0, "the gap is free");
});

const bool reset = test("after a reset the same calls give the same places", [] {
  Ground ground(3000);
  auto places = [&] {
    Random random(5);
    std::vector<Grain> result;
    for (int step = 0; step < 500; ++step) {
      if (!result.empty() && random.below(3) == 0) {
        ground.blocks.give(result[random.below(static_cast<uint32_t>(result.size()))]);
      }
      Result<Grain> got = ground.blocks.take(1 + random.below(30));
      result.push_back(got ? *got : 0);
    }
    return result;
  };
  std::vector<Grain> first = places();
  ground.blocks.reset();
  check(ground.blocks.holds() && ground.blocks.live_count() == 0, "it is empty");
  check(places() == first, "the second life is as the first");
});

}  // namespace
}  // namespace groundhog::test
