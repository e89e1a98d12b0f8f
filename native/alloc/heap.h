// The tiers of the allocator, by size:
//
//   up to 8 KiB     magazine of the thread's cache -> slab that the cache owns -> main pool
//   up to 64 KiB    magazine of the thread's cache -> main pool
//   above           main pool
//
// A cache belongs to one thread at a time, and taking from or giving to a magazine is all that most
// calls do: no atomic operation, no memory but the magazine. A magazine that runs empty or full
// moves half of its capacity at once.
//
// - The main pool, the orphans and the use of caches are under one lock; slabs and magazines are
//   their owner's; the bits of frees by others are atomic. See slabs.h.
// - A cache keeps one empty slab of each class, and gives further ones back to the main pool.
// - A thread that ends leaves its slabs as orphans: they are adopted before a new slab is made.

#pragma once

#include <cstring>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "../port/sleep.h"
#include "best_fit.h"
#include "slabs.h"

namespace groundhog {

constexpr Unit kNoUnit = UINT32_MAX;

// For pools from a few MiB up.
struct HeapShape {
  static constexpr uint32_t kSlabUnits = 4096;  // 64 KiB
  static constexpr uint32_t kGrainUnits = 64;   // 1 KiB, the grain of the main pool
  static constexpr size_t kWipedAtOnceBytes = 4096;  // by who frees, where another thread wipes
  static constexpr uint32_t kSmallUnitsMax = kSmallBytesMax / kUnitBytes;
  static constexpr uint32_t kMediumUnitsMax = kMediumBytesMax / kUnitBytes;
  static constexpr uint32_t kMagazineMax = 60;
  static constexpr uint32_t kCachesMax = 64;
  static constexpr uint32_t magazine_capacity(SizeClass size) noexcept {
    uint32_t units = units_of(size);
    return units <= 16 ? 60 : units <= 64 ? 32 : 16;
  }
};

// For small pools, which would be full of half-empty slabs otherwise. `kMagazine` is 1 in
// simulation, where each call is to reach the shared parts.
template <uint32_t kMagazine>
struct CompactShape {
  static constexpr uint32_t kSlabUnits = 64;  // 1 KiB
  static constexpr uint32_t kGrainUnits = 1;
  static constexpr size_t kWipedAtOnceBytes = 0;
  static constexpr uint32_t kSmallUnitsMax = 16;
  static constexpr uint32_t kMediumUnitsMax = 64;
  static constexpr uint32_t kMagazineMax = 4;
  static constexpr uint32_t kCachesMax = 16;
  static constexpr uint32_t magazine_capacity(SizeClass) noexcept { return kMagazine; }
};

template <Sync S, class Shape = HeapShape>
class Heap {
  using AllSlabs = Slabs<S, Shape>;
  static constexpr uint32_t kSmallClasses = AllSlabs::kSmallClasses;
  static constexpr uint32_t kClasses = class_of_units(Shape::kMediumUnitsMax) + 1;

 public:
  // A stack of blocks of one class: `top`, and below it below[count - 1] down to below[1]. With the
  // top apart from the rest, a free and the next allocation meet in one word.
  struct Magazine {
    uint32_t count = 0;
    uint32_t capacity = 0;
    Unit top = 0;
    Unit below[Shape::kMagazineMax + 1] = {};

    Unit pop() noexcept {
      Unit unit = top;
      top = below[--count];
      return unit;
    }
    void push(Unit unit) noexcept {
      below[count++] = top;
      top = unit;
    }
  };

  struct Cache {
    explicit Cache(CacheNumber which) noexcept : number(which) {
      for (uint32_t size = 1; size < kClasses; ++size) {
        magazines[size].capacity = Shape::magazine_capacity(static_cast<SizeClass>(size));
      }
      begin();
    }

    void begin() noexcept {
      for (SlabIndex& each : available) each = kNoSlab;
      for (uint32_t& each : empty) each = 0;
    }

    CacheNumber number;
    bool used = false;
    typename S::template Atomic<SlabIndex> posted{kNoSlab};
    SlabIndex available[kSmallClasses];  // slabs with free blocks, linked
    uint32_t empty[kSmallClasses];       // how many of them have no other
    Magazine magazines[kClasses];
  };

  static constexpr size_t ledger_bytes(Unit units) noexcept {
    return BestFit::ledger_bytes(units / Shape::kGrainUnits) +
           round_up(AllSlabs::ledger_bytes(units / Shape::kSlabUnits), kPageBytes) +
           round_up(sizeof(Cache), 64) * Shape::kCachesMax;
  }

  // `ledger` is zeroed memory of that size: only what is used is touched.
  Heap(std::byte* ledger, Unit units) noexcept
      : main_(ledger, units / Shape::kGrainUnits),
        slabs_(ledger + BestFit::ledger_bytes(units / Shape::kGrainUnits),
               units / Shape::kSlabUnits),
        caches_(ledger + ledger_bytes(units) - round_up(sizeof(Cache), 64) * Shape::kCachesMax) {
    for (SlabIndex& each : orphans_) each = kNoSlab;
  }

  // Null when all caches are in use.
  Cache* attach() noexcept {
    std::lock_guard held(lock_);
    for (CacheNumber number = 1; number <= Shape::kCachesMax; ++number) {
      if (number > caches_made_) {
        new (&cache(number)) Cache(number);
        caches_made_ = number;
      }
      Cache& found = cache(number);
      if (found.used) continue;
      found.used = true;
      return &found;
    }
    return nullptr;
  }

  // Gives back what lies in the cache's magazines.
  void empty(Cache& from) noexcept { give_back(from); }

  // Gives back what the cache holds. Blocks that were allocated through it stay valid.
  void detach(Cache& from) noexcept {
    give_back(from);
    {
      std::lock_guard held(lock_);
      Grain end = (main_.top() + kSlabGrains - 1) / kSlabGrains;
      for (SlabIndex index = 0; index < end; ++index) {
        if (slabs_.kind_of(index) == 0) continue;
        if (slabs_[index].owner.load(kRelaxed) == from.number) abandon(index);
      }
    }
    pass_on(from);
    std::lock_guard held(lock_);
    from.begin();
    from.used = false;
  }

  // For a thread that makes slabs ready before they are missed, of the classes of which some were
  // used up: `next_to_stock` waits for such a class, and is 0 from `stop_stocking` on.
  void start_stocking() noexcept { stocked_ = true; }
  SizeClass next_to_stock() noexcept {
    uint32_t size = sleep_on(wanted_);
    if (size == kStopped) return 0;
    uint32_t expected = size;
    wanted_.compare_exchange_strong(expected, 0, kRelaxed, kRelaxed);
    return static_cast<SizeClass>(size);
  }
  void stop_stocking() noexcept {
    wanted_.store(kStopped, kRelease);
    wake(wanted_);
  }
  // A slab that is nobody's yet, unless there is one.
  void stock(SizeClass size) noexcept {
    std::lock_guard held(lock_);
    if (orphans_[size] != kNoSlab) return;
    Result<Grain> first = take_main(kSlabGrains, kSlabGrains);
    if (!first) return;
    SlabIndex index = *first / kSlabGrains;
    slabs_.format(index, size);
    slabs_.set_kind(index, size);
    slabs_[index].owner.store(0, kSeqCst);
    slabs_[index].next = kNoSlab;
    orphans_[size] = index;
  }

  // Waits for whoever is changing what the caches share.
  void settle() noexcept { std::lock_guard held(lock_); }

  // What the caches do not hold. While no other thread uses the heap.
  const BestFit& main() noexcept {
    std::lock_guard held(lock_);
    reclaim_orphans();
    return main_;
  }

  // Whether the bookkeeping agrees with itself. While no other thread uses the heap.
  bool holds() noexcept {
    for (SlabIndex index = 0; index < slabs_.count(); ++index) {
      Slab<S>& slab = slabs_[index];
      if (slabs_.kind_of(index) == 0) continue;
      if (slabs_.kind_of(index) != slab.size || !slabs_.counts(index)) return false;
      CacheNumber owner = slab.owner.load(kRelaxed);
      bool posted = slab.posted.load(kRelaxed) != 0;
      if (owner != 0 && slabs_.has_remote(index) && !posted) return false;
      if (posted && (owner == 0 || !is_posted(cache(owner), index))) return false;
      if (owner != 0 && is_linked(cache(owner), index) == slabs_.is_full(index)) return false;
    }
    return main_.holds();
  }

  // Zeroes what was used of the ledger, for another heap there. This one must not be used again.
  void end() noexcept {
    slabs_.reset(main_.high_water() / kSlabGrains + 1);
    main_.reset();
  }

  // Where the block lies in which `unit` is, and how large it is; nothing when no block starts
  // there. What lies in a magazine counts as a block. While nothing moves.
  Unit units_at(Unit unit) noexcept {
    SlabIndex index = unit / Shape::kSlabUnits;
    if (index >= slabs_.count()) return 0;
    SizeClass size = slabs_.kind_of(index);
    if (size == 0) {
      std::lock_guard held(lock_);
      Result<Grain> grains = main_.grains_of(unit / Shape::kGrainUnits);
      return grains && unit % Shape::kGrainUnits == 0 ? *grains * Shape::kGrainUnits : 0;
    }
    uint32_t place = AllSlabs::place_of(unit % Shape::kSlabUnits, size);
    bool starts = place * units_of(size) == unit % Shape::kSlabUnits;
    bool taken = starts && place < AllSlabs::blocks_of(size) && !slabs_.is_free(index, place);
    return taken ? units_of(size) : 0;
  }

  // The size of a block that is live, which any thread may ask for.
  Unit units_of_live(Unit unit) noexcept {
    SizeClass size = small_class_at(unit);
    if (size != 0) return units_of(size);
    return main_.grains_of_live(unit / Shape::kGrainUnits) * Shape::kGrainUnits;
  }

  // Calls visit(unit, units) for each block that is not free, magazines' blocks included.
  template <class Visit>
  void each_block(Visit visit) noexcept {
    main_.each([&](const BestFit::Block& block) {
      if (!block.live) return;
      Unit start = block.first * Shape::kGrainUnits;
      SlabIndex index = start / Shape::kSlabUnits;
      SizeClass size = index < slabs_.count() ? slabs_.kind_of(index) : 0;
      if (size == 0) {
        visit(start, block.grains * Shape::kGrainUnits);
        return;
      }
      for (uint32_t place = 0; place < AllSlabs::blocks_of(size); ++place) {
        if (!slabs_.is_free(index, place)) visit(start + place * units_of(size), units_of(size));
      }
    });
  }

  // A stretch of the heap: a block of the main pool, a slab, or nothing.
  struct Run {
    Unit start;
    Unit units;
    Unit live_units;  // those of a slab's blocks that are not free, magazines' blocks included
    Unit block_units;  // of a slab
  };

  // Calls visit(Run) for each stretch in the order of places. While nothing moves.
  template <class Visit>
  void each_run(Visit visit) noexcept {
    main_.each([&](const BestFit::Block& block) {
      Unit start = block.first * Shape::kGrainUnits;
      Unit units = block.grains * Shape::kGrainUnits;
      SlabIndex index = start / Shape::kSlabUnits;
      SizeClass size = block.live && index < slabs_.count() ? slabs_.kind_of(index) : 0;
      if (size == 0) {
        visit(Run{start, units, block.live ? units : 0, 0});
      } else {
        uint32_t live = AllSlabs::blocks_of(size) - slabs_.free_blocks(index);
        visit(Run{start, units, live * units_of(size), units_of(size)});
      }
    });
  }

  // What lies in magazines. While nothing moves.
  std::vector<Unit> cached_units() noexcept {
    std::vector<Unit> units;
    for (CacheNumber number = 1; number <= caches_made_; ++number) {
      for (const Magazine& magazine : cache(number).magazines) {
        if (magazine.count == 0) continue;
        units.push_back(magazine.top);
        units.insert(units.end(), magazine.below + 1, magazine.below + magazine.count);
      }
    }
    return units;
  }

  Unit touched_units() const noexcept { return main_.high_water() * Shape::kGrainUnits; }

  // The first unit of a block of at least `bytes`, or kNoUnit.
  [[gnu::always_inline]] Unit allocate(Cache& from, size_t bytes) noexcept {
    if (bytes > Shape::kMediumUnitsMax * kUnitBytes) [[unlikely]]
      return allocate_large(from, bytes);
    return allocate(from, class_of(bytes));
  }
  [[gnu::always_inline]] Unit allocate(Cache& from, SizeClass size) noexcept {
    Magazine& magazine = from.magazines[size];
    if (magazine.count == 0 && !refill(from, size)) [[unlikely]]
      return kNoUnit;
    return magazine.pop();
  }

  static constexpr SizeClass kMediumClassMax = static_cast<SizeClass>(kClasses - 1);

  // The class of the slab in which `unit` lies; 0 when it lies in none.
  [[gnu::always_inline]] SizeClass small_class_at(Unit unit) noexcept {
    SlabIndex index = unit / Shape::kSlabUnits;
    return index < slabs_.count() ? slabs_.kind_of(index) : SizeClass{0};
  }

  // The same of a unit below slab_units().
  [[gnu::always_inline]] SizeClass slab_class_at(Unit unit) noexcept {
    return slabs_.kind_of(unit / Shape::kSlabUnits);
  }
  // Of the whole slabs that there can be.
  Unit slab_units() const noexcept { return slabs_.count() * Shape::kSlabUnits; }

  // A byte for each slab; see small_class_at.
  Span slab_classes() noexcept { return slabs_.kinds(); }

  // `unit` is what an allocation of this heap gave, through whichever cache.
  [[gnu::always_inline]] void free(Cache& to, Unit unit) noexcept {
    SizeClass size = slabs_.kind_of(unit / Shape::kSlabUnits);
    if (size == 0) [[unlikely]] {
      size = medium_class(unit);
      if (size == 0) return free_large(unit);
    }
    free(to, unit, size);
  }
  [[gnu::always_inline]] void free(Cache& to, Unit unit, SizeClass size) noexcept {
    Magazine& magazine = to.magazines[size];
    if (magazine.count == magazine.capacity) [[unlikely]]
      return free_to_full(to, unit, size);
    magazine.push(unit);
  }
  // What lies in the magazine of that class.
  [[gnu::always_inline]] static Magazine& magazine_of(Cache& cache, SizeClass size) noexcept {
    return cache.magazines[size];
  }

 private:
  static constexpr uint32_t kStopped = UINT32_MAX;
  static constexpr Grain kSlabGrains = Shape::kSlabUnits / Shape::kGrainUnits;
  static_assert(sizeof(Magazine) == 16 + 4 * Shape::kMagazineMax);

  Cache& cache(CacheNumber number) noexcept {
    std::byte* at = caches_ + (number - 1) * round_up(sizeof(Cache), 64);
    return *reinterpret_cast<Cache*>(at);
  }

  static uint32_t half(const Magazine& magazine) noexcept { return (magazine.capacity + 1) / 2; }

  [[gnu::noinline]] void free_to_full(Cache& to, Unit unit, SizeClass size) noexcept {
    Magazine& magazine = to.magazines[size];
    flush(to, size, half(magazine));
    magazine.push(unit);
  }

  [[gnu::noinline]] bool refill(Cache& to, SizeClass size) noexcept {
    auto once = [&] {
      return size < kSmallClasses ? refill_small(to, size) : refill_medium(to, size);
    };
    return once() || (give_back(to) && once());
  }

  bool refill_small(Cache& to, SizeClass size) noexcept {
    SlabIndex index = to.available[size];
    if (index == kNoSlab) {
      look_at_posted(to);
      index = to.available[size];
    }
    if (index == kNoSlab) {
      if (!add_slab(to, size)) return false;
      index = to.available[size];
    }
    if (slabs_.is_empty(index)) --to.empty[size];
    Magazine& magazine = to.magazines[size];
    uint32_t places[Shape::kMagazineMax];
    uint32_t count = slabs_.take(index, places, half(magazine));
    for (uint32_t at = count; at-- > 0;) {  // so that the first is on top
      magazine.push(index * Shape::kSlabUnits + places[at] * units_of(size));
    }
    if (slabs_.is_full(index)) unlink(to, index);
    return true;
  }

  bool refill_medium(Cache& to, SizeClass size) noexcept {
    Magazine& magazine = to.magazines[size];
    std::lock_guard held(lock_);
    for (uint32_t left = (half(magazine) + 1) / 2; left > 0; --left) {
      Unit unit = take(units_of(size) / Shape::kGrainUnits, 1, magazine.count == 0);
      if (unit == kNoUnit) break;
      magazine.push(unit);
    }
    return magazine.count > 0;
  }

  // Gives back the `count` blocks that have lain in the magazine longest.
  [[gnu::noinline]] void flush(Cache& from, SizeClass size, uint32_t count) noexcept {
    Magazine& magazine = from.magazines[size];
    magazine.below[magazine.count] = magazine.top;
    if (size < kSmallClasses) {
      flush_small(from, size, magazine.below + 1, count);
    } else {
      std::lock_guard held(lock_);
      for (uint32_t at = 1; at <= count; ++at) {
        main_.give(magazine.below[at] / Shape::kGrainUnits);
      }
    }
    magazine.count -= count;
    std::memmove(magazine.below + 1, magazine.below + 1 + count, magazine.count * sizeof(Unit));
  }

  void flush_small(Cache& from, SizeClass size, const Unit* units, uint32_t count) noexcept {
    // Of the slab of somebody else that was seen last: blocks that share a word go together.
    SlabIndex other = kNoSlab;
    uint32_t word = 0;
    uint64_t bits = 0;
    for (uint32_t at = 0; at < count; ++at) {
      SlabIndex index = units[at] / Shape::kSlabUnits;
      uint32_t place = AllSlabs::place_of(units[at] % Shape::kSlabUnits, size);
      if (slabs_[index].owner.load(kRelaxed) == from.number) {
        give_own(from, index, place);
        continue;
      }
      if (index != other || place / 64 != word) {
        if (other != kNoSlab && slabs_.give_remote(other, word, bits)) post(other);
        other = index;
        word = place / 64;
        bits = 0;
      }
      bits |= uint64_t{1} << place % 64;
    }
    if (other != kNoSlab && slabs_.give_remote(other, word, bits)) post(other);
  }

  void give_own(Cache& owner, SlabIndex index, uint32_t place) noexcept {
    bool was_full = slabs_.is_full(index);
    if (!slabs_.give(index, place)) return;
    if (was_full) link(owner, index);
    if (slabs_.is_empty(index)) became_empty(owner, index);
  }

  // Puts the slab on its owner's list. That of an orphan is looked at when it is adopted.
  void post(SlabIndex index) noexcept {
    Slab<S>& slab = slabs_[index];
    for (;;) {
      CacheNumber owner = slab.owner.load(kSeqCst);
      if (owner != 0) {
        auto& list = cache(owner).posted;
        SlabIndex head = list.load(kRelaxed);
        do slab.next_posted = head;
        while (!list.compare_exchange_weak(head, index, kSeqCst, kRelaxed));
        // If the owner changed meanwhile, the one that was may not look at its list any more.
        if (slab.owner.load(kSeqCst) != owner) pass_on(cache(owner));
        return;
      }
      // Whoever adopts it sees the bits, or it was adopted meanwhile and wants the notice.
      slab.posted.exchange(0, kSeqCst);
      if (slab.owner.load(kSeqCst) == 0 || slab.posted.exchange(1, kSeqCst) != 0) return;
    }
  }

  // Posts anew what is on the list of a cache, which may have been given back.
  void pass_on(Cache& from) noexcept {
    SlabIndex index = from.posted.exchange(kNoSlab, kSeqCst);
    while (index != kNoSlab) {
      SlabIndex next = slabs_[index].next_posted;
      post(index);
      index = next;
    }
  }

  void look_at_posted(Cache& owner) noexcept {
    if (owner.posted.load(kRelaxed) == kNoSlab) return;
    SlabIndex index = owner.posted.exchange(kNoSlab, kSeqCst);
    while (index != kNoSlab) {
      Slab<S>& slab = slabs_[index];
      SlabIndex next = slab.next_posted;
      if (slab.owner.load(kSeqCst) != owner.number) {
        post(index);
      } else {
        slab.posted.exchange(0, kSeqCst);
        collect(owner, index);
      }
      index = next;
    }
  }

  void collect(Cache& owner, SlabIndex index) noexcept {
    bool was_full = slabs_.is_full(index);
    bool was_empty = slabs_.is_empty(index);
    slabs_.collect(index);
    if (was_full && !slabs_.is_full(index)) link(owner, index);
    if (!was_empty && slabs_.is_empty(index)) became_empty(owner, index);
  }

  // A slab with free blocks: an orphan, or a new one. False when there is no memory.
  bool add_slab(Cache& to, SizeClass size) noexcept {
    bool added = find_slab(to, size);
    if (added && stocked_) {
      uint32_t none = 0;
      if (wanted_.compare_exchange_strong(none, size, kRelease, kRelaxed)) wake(wanted_);
    }
    return added;
  }

  bool find_slab(Cache& to, SizeClass size) noexcept {
    std::lock_guard held(lock_);
    for (SlabIndex index; (index = orphans_[size]) != kNoSlab;) {
      Slab<S>& slab = slabs_[index];
      orphans_[size] = slab.next;
      slab.owner.store(to.number, kSeqCst);
      slabs_.collect(index);
      if (slabs_.is_full(index)) continue;  // its next free will post it
      link(to, index);
      if (slabs_.is_empty(index)) ++to.empty[size];
      return true;
    }
    Unit unit = take(kSlabGrains, kSlabGrains, true);
    if (unit == kNoUnit) return false;
    SlabIndex index = unit / Shape::kSlabUnits;
    slabs_.format(index, size);
    slabs_.set_kind(index, size);
    slabs_[index].owner.store(to.number, kSeqCst);
    link(to, index);
    ++to.empty[size];
    return true;
  }

  void became_empty(Cache& owner, SlabIndex index) noexcept {
    if (owner.empty[slabs_[index].size]++ == 0) return;
    owner.empty[slabs_[index].size] = 1;
    unlink(owner, index);
    std::lock_guard held(lock_);
    slabs_[index].owner.store(0, kSeqCst);
    give_up(index);
  }

  void give_up(SlabIndex index) noexcept {
    slabs_.set_kind(index, 0);
    main_.give(index * kSlabGrains);
  }

  void link(Cache& owner, SlabIndex index) noexcept {
    Slab<S>& slab = slabs_[index];
    SlabIndex& head = owner.available[slab.size];
    slab.previous = kNoSlab;
    slab.next = head;
    if (head != kNoSlab) slabs_[head].previous = index;
    head = index;
  }

  bool is_posted(const Cache& owner, SlabIndex wanted) noexcept {
    SlabIndex at = owner.posted.load(kRelaxed);
    while (at != kNoSlab && at != wanted) at = slabs_[at].next_posted;
    return at == wanted;
  }

  bool is_linked(const Cache& owner, SlabIndex wanted) noexcept {
    for (SlabIndex at = owner.available[slabs_[wanted].size]; at != kNoSlab; at = slabs_[at].next) {
      if (at == wanted) return true;
    }
    return false;
  }

  void unlink(Cache& owner, SlabIndex index) noexcept {
    Slab<S>& slab = slabs_[index];
    SlabIndex next = slab.next;
    SlabIndex previous = slab.previous;
    if (next != kNoSlab) slabs_[next].previous = previous;
    if (previous != kNoSlab) {
      slabs_[previous].next = next;
    } else {
      owner.available[slab.size] = next;
    }
  }

  // The class of a live block of the main pool; 0 when it is too large to be kept in magazines.
  SizeClass medium_class(Unit unit) const noexcept {
    size_t units = size_t{main_.grains_of_live(unit / Shape::kGrainUnits)} * Shape::kGrainUnits;
    if (units == 0 || units > Shape::kMediumUnitsMax) return 0;
    return units_of(class_of_units(units)) == units ? class_of_units(units) : 0;
  }

  [[gnu::noinline]] Unit allocate_large(Cache& from, size_t bytes) noexcept {
    size_t grain_bytes = Shape::kGrainUnits * kUnitBytes;
    size_t grains = (bytes + grain_bytes - 1) / grain_bytes;
    if (grains > main_.limit()) return kNoUnit;
    auto once = [&] {
      std::lock_guard held(lock_);
      return take(static_cast<Grain>(grains), 1, true);
    };
    Unit unit = once();
    return unit == kNoUnit && give_back(from) ? once() : unit;
  }

  // Empties the magazines and gives empty slabs back. False when there was nothing.
  bool give_back(Cache& from) noexcept {
    bool any = false;
    for (uint32_t size = 1; size < kClasses; ++size) {
      uint32_t count = from.magazines[size].count;
      if (count == 0) continue;
      flush(from, static_cast<SizeClass>(size), count);
      any = true;
    }
    look_at_posted(from);
    for (uint32_t size = 1; size < kSmallClasses; ++size) {
      if (from.empty[size] == 0) continue;
      SlabIndex index = from.available[size];
      while (!slabs_.is_empty(index)) index = slabs_[index].next;
      from.empty[size] = 0;
      unlink(from, index);
      std::lock_guard held(lock_);
      slabs_[index].owner.store(0, kSeqCst);
      give_up(index);
      any = true;
    }
    return any;
  }

  // From the main pool, under the lock. When it `must` be and there is nothing, the orphans that
  // have become empty are given back first.
  Unit take(Grain grains, Grain alignment, bool must) noexcept {
    Result<Grain> got = take_main(grains, alignment);
    if (!got && must && reclaim_orphans()) got = take_main(grains, alignment);
    return got ? *got * Shape::kGrainUnits : kNoUnit;
  }
  Result<Grain> take_main(Grain grains, Grain alignment) noexcept {
    return alignment == 1 ? main_.take(grains) : main_.take_aligned(grains, alignment);
  }

  // Makes a slab an orphan, or gives it back if it is empty.
  void abandon(SlabIndex index) noexcept {
    Slab<S>& slab = slabs_[index];
    slab.owner.store(0, kSeqCst);
    slabs_.collect(index);
    if (slabs_.is_empty(index)) {
      give_up(index);
    } else {
      slab.next = orphans_[slab.size];
      orphans_[slab.size] = index;
    }
  }

  bool reclaim_orphans() noexcept {
    bool any = false;
    for (SlabIndex& head : orphans_) {
      SlabIndex index = std::exchange(head, kNoSlab);
      while (index != kNoSlab) {
        SlabIndex next = slabs_[index].next;
        slabs_.collect(index);
        if (slabs_.is_empty(index)) {
          give_up(index);
          any = true;
        } else {
          slabs_[index].next = head;
          head = index;
        }
        index = next;
      }
    }
    return any;
  }

  [[gnu::noinline]] void free_large(Unit unit) noexcept {
    std::lock_guard held(lock_);
    main_.give(unit / Shape::kGrainUnits);
  }

  BestFit main_;
  AllSlabs slabs_;
  std::byte* caches_;
  CacheNumber caches_made_ = 0;
  SlabIndex orphans_[kSmallClasses];
  typename S::Mutex lock_;
  bool stocked_ = false;
  typename S::template Atomic<uint32_t> wanted_{0};  // the class that `stock` is to look at
};

}  // namespace groundhog
