#include "../alloc/heap.h"

#include <thread>

#include "../port/pct.h"
#include "../port/real_sync.h"
#include "../port/sim_sync.h"
#include "check.h"

namespace groundhog::test {
namespace {

constexpr Unit kRealUnits = (8 << 20) / kUnitBytes;

struct RealHeap {
  RealHeap() : ledger(Heap<RealSync>::ledger_bytes(kRealUnits)), heap(ledger.data(), kRealUnits) {}
  std::vector<std::byte> ledger;
  Heap<RealSync> heap;
};

// Who holds each unit: a block that is given out twice, or overlaps another, is seen at once.
class Claims {
 public:
  Claims() : held_(kRealUnits) {}
  bool claim(Unit unit, size_t bytes) { return change(unit, bytes, 0, 1); }
  bool release(Unit unit, size_t bytes) { return change(unit, bytes, 1, 0); }

 private:
  bool change(Unit unit, size_t bytes, uint8_t from, uint8_t to) {
    bool all = true;
    for (Unit at = unit; at < unit + units_for(bytes); ++at) {
      all = all && held_[at].exchange(to, std::memory_order_relaxed) == from;
    }
    return all;
  }
  std::vector<std::atomic<uint8_t>> held_;
};

size_t random_bytes(Random& random) {
  switch (random.below(20)) {
    case 0: return 1 + random.below(200'000);
    case 1:
    case 2:
    case 3: return 1 + random.below(64 * 1024);
    default: return 1 + random.below(1024);
  }
}

struct Held {
  Unit unit;
  size_t bytes;
};

const bool alone = test("blocks of one thread never overlap, and all memory comes back", [] {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    RealHeap real;
    Claims claims;
    Random random(seed);
    auto* cache = real.heap.attach();
    std::vector<Held> live;
    int refused = 0;
    for (int step = 0; step < 30'000; ++step) {
      uint32_t share = step % 10'000 < 5'000 ? 60 : 30;
      if (live.empty() || random.below(100) < share) {
        size_t bytes = random_bytes(random);
        Unit unit = real.heap.allocate(*cache, bytes);
        if (unit == kNoUnit) {
          ++refused;
          continue;
        }
        check(claims.claim(unit, bytes), "nobody else holds it");
        live.push_back({unit, bytes});
      } else {
        uint32_t at = random.below(static_cast<uint32_t>(live.size()));
        check(claims.release(live[at].unit, live[at].bytes), "it is still held");
        real.heap.free(*cache, live[at].unit);
        live[at] = live.back();
        live.pop_back();
      }
    }
    for (Held each : live) real.heap.free(*cache, each.unit);
    real.heap.detach(*cache);
    check(refused > 0, "the heap was full at times");
    check(real.heap.main().live_grains() == 0, "nothing is lost");
    check(real.heap.main().holds(), "the invariants of the main pool hold");
  }
});

const bool together = test("blocks that threads free for each other all come back", [] {
  RealHeap real;
  Claims claims;
  constexpr int kThreads = 4;
  constexpr uint32_t kSlots = 256;
  std::atomic<uint64_t> slots[kSlots] = {};  // unit and bytes of a block, or 0
  std::atomic<int> broken{0};
  auto life = [&](uint64_t seed) {
    for (int lives = 0; lives < 3; ++lives) {
      Random random(seed * 10 + static_cast<uint64_t>(lives));
      auto* cache = real.heap.attach();
      for (int step = 0; step < 20'000; ++step) {
        size_t bytes = random_bytes(random);
        Unit unit = real.heap.allocate(*cache, bytes);
        uint64_t mine = unit == kNoUnit ? 0 : uint64_t{unit + 1} << 32 | bytes;
        if (mine != 0 && !claims.claim(unit, bytes)) ++broken;
        uint64_t other = slots[random.below(kSlots)].exchange(mine);
        if (other == 0) continue;
        Unit freed = static_cast<Unit>(other >> 32) - 1;
        if (!claims.release(freed, other & 0xffffffff)) ++broken;
        real.heap.free(*cache, freed);
      }
      real.heap.detach(*cache);
    }
  };
  std::vector<std::thread> threads;
  for (uint64_t seed = 1; seed <= kThreads; ++seed) threads.emplace_back(life, seed);
  for (std::thread& each : threads) each.join();
  auto* cache = real.heap.attach();
  for (std::atomic<uint64_t>& slot : slots) {
    uint64_t left = slot.load();
    if (left != 0) real.heap.free(*cache, static_cast<Unit>(left >> 32) - 1);
  }
  real.heap.detach(*cache);
  check(broken == 0, "no block was held twice");
  check(real.heap.main().live_grains() == 0, "nothing is lost");
  check(real.heap.main().holds(), "the invariants of the main pool hold");
});

// Small enough that a few calls fill slabs, empty them, and run out of memory.
struct TinyShape {
  static constexpr uint32_t kSlabUnits = 4;
  static constexpr uint32_t kGrainUnits = 1;
  static constexpr uint32_t kSmallUnitsMax = 2;
  static constexpr uint32_t kMediumUnitsMax = 4;
  static constexpr uint32_t kMagazineMax = 4;
  static constexpr uint32_t kCachesMax = 4;
  static constexpr uint32_t magazine_capacity(SizeClass) noexcept { return 1; }
};

// A heap in a run. What a block holds is plain data, so that two holders are a race.
class TinyHeap {
 public:
  using TheHeap = Heap<sim::SimSync, TinyShape>;
  using Cache = TheHeap::Cache;

  explicit TinyHeap(Unit units)
      : heap(zeroed(TheHeap::ledger_bytes(units)), units),
        contents_(static_cast<Content*>(sim::Engine::current().arena(units * sizeof(Content), 8))) {
    for (Unit unit = 0; unit < units; ++unit) new (contents_ + unit) Content(0);
  }

  Unit allocate(Cache* from, uint32_t units) {
    Unit unit = heap.allocate(*from, units * kUnitBytes);
    if (unit != kNoUnit) contents_[unit] = sim::SimSync::self();
    return unit;
  }
  void free(Cache* to, Unit unit) {
    if (unit == kNoUnit) return;
    contents_[unit] = 0;
    heap.free(*to, unit);
  }
  void check_all_is_back() {
    sim::require(heap.main().live_grains() == 0, "nothing is lost");
    sim::require(heap.main().holds(), "the main pool agrees with itself");
  }

  TheHeap heap;

 private:
  using Content = sim::Plain<uint32_t>;
  static std::byte* zeroed(size_t bytes) {
    void* memory = sim::Engine::current().arena(bytes, 64);
    std::memset(memory, 0, bytes);
    return static_cast<std::byte*>(memory);
  }
  Content* contents_;
};

// The blocks of one slab are freed by two others while the owner goes on allocating.
void freed_by_others() {
  TinyHeap tiny(16);
  auto* owner = tiny.heap.attach();
  Unit blocks[4];
  for (Unit& block : blocks) block = tiny.allocate(owner, 1);
  auto free_two = [&](Unit first, Unit second) {
    auto* cache = tiny.heap.attach();
    tiny.free(cache, first);
    tiny.free(cache, second);
    tiny.heap.detach(*cache);
  };
  sim::Thread a([&] { free_two(blocks[0], blocks[1]); });
  sim::Thread b([&] { free_two(blocks[2], blocks[3]); });
  Unit mine[3];
  for (Unit& block : mine) block = tiny.allocate(owner, 1);
  for (Unit block : mine) tiny.free(owner, block);
  a.join();
  b.join();
  sim::require(tiny.heap.holds(), "what was freed is known to its owner");
  tiny.heap.detach(*owner);
  tiny.check_all_is_back();
}

// Four blocks of one slab. Two lie in the magazines of `left` and `right`, and leave them when the
// other two are freed.
struct FullSlab {
  explicit FullSlab(TinyHeap& in) : tiny(in) {
    for (Unit& block : blocks) block = tiny.allocate(owner, 1);
    tiny.free(left, blocks[0]);
    tiny.free(right, blocks[1]);
  }
  void end(TinyHeap::Cache* other) {
    sim::require(tiny.heap.holds(), "what was freed is known to its owner");
    for (auto* each : {left, right, other}) tiny.heap.detach(*each);
    tiny.check_all_is_back();
  }

  TinyHeap& tiny;
  TinyHeap::Cache* owner = tiny.heap.attach();
  TinyHeap::Cache* left = tiny.heap.attach();
  TinyHeap::Cache* right = tiny.heap.attach();
  Unit blocks[4];
};

// An orphan is adopted while two others free into it.
void adopted() {
  TinyHeap tiny(8);
  FullSlab slab(tiny);
  tiny.heap.detach(*slab.owner);
  auto* adopter = tiny.heap.attach();
  sim::Thread a([&] { tiny.free(slab.left, slab.blocks[2]); });
  sim::Thread b([&] { tiny.free(slab.right, slab.blocks[3]); });
  tiny.free(adopter, tiny.allocate(adopter, 1));
  a.join();
  b.join();
  slab.end(adopter);
}

// The owner of a slab ends while others free into it, and one of them adopts it.
void orphaned() {
  TinyHeap tiny(8);
  FullSlab slab(tiny);
  sim::Thread owner([&] {
    tiny.heap.detach(*slab.owner);
    auto* again = tiny.heap.attach();  // the same cache, as another owner
    tiny.free(again, tiny.allocate(again, 1));
    tiny.heap.detach(*again);
  });
  sim::Thread b([&] { tiny.free(slab.right, slab.blocks[3]); });
  tiny.free(slab.left, slab.blocks[2]);
  Unit mine = tiny.allocate(slab.left, 1);
  tiny.free(slab.left, mine);
  mine = tiny.allocate(slab.left, 1);
  tiny.free(slab.left, mine);
  owner.join();
  b.join();
  auto* other = tiny.heap.attach();
  slab.end(other);
}

// Two threads pass blocks of all tiers to each other through slots, in too little memory.
void passed_around() {
  TinyHeap tiny(16);
  sim::Atomic<Unit> slots[2] = {kNoUnit, kNoUnit};
  auto life = [&](uint32_t me) {
    auto* cache = tiny.heap.attach();
    for (uint32_t step = 0; step < 5; ++step) {
      Unit made = tiny.allocate(cache, 1 + (step + me) % 5);
      tiny.free(cache, slots[step % 2].exchange(made, kAcqRel));
    }
    tiny.heap.detach(*cache);
  };
  sim::Thread one([&] { life(0); });
  sim::Thread two([&] { life(2); });
  one.join();
  two.join();
  auto* cache = tiny.heap.attach();
  for (sim::Atomic<Unit>& slot : slots) tiny.free(cache, slot.load());
  tiny.heap.detach(*cache);
  tiny.check_all_is_back();
}

// Each of 13 mistakes, planted one at a time, was found within this number of seeds.
const bool interleaved =
    test("no interleaving loses a freed block or gives one to two threads", [] {
      sim::Engine engine;
      for (auto* root : {freed_by_others, adopted, orphaned, passed_around}) {
        sim::Pct pct(3, 100);
        for (uint64_t seed = 1; seed <= 5000; ++seed) {
          bool passed = engine.run(root, seed, seed % 2 == 0 ? &pct : nullptr).verdict ==
                        sim::Verdict::passed;
          check(passed, engine.outcome().message);
          if (!passed) return;
        }
      }
    });

}  // namespace
}  // namespace groundhog::test
