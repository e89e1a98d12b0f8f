// A pool on a policy and a shape of heap: pool.h says what it promises.

#pragma once

#include <array>
#include <bit>
#include <mutex>
#include <optional>

#include "../alloc/heap.h"
#include "chores.h"
#include "pool.h"

namespace groundhog {

template <Sync S, class Shape, Wiping kWiping = Wiping::before_giving_back>
class PoolOf final : public Pool {
 public:
  using TheHeap = Heap<S, Shape>;

  static constexpr size_t ledger_bytes(size_t capacity_bytes) noexcept {
    return TheHeap::ledger_bytes(static_cast<Unit>(capacity_bytes / kUnitBytes));
  }

  PoolOf(Region region, const PoolOptions& options) noexcept
      : Pool(std::move(region), options),
        heap_(region_.ledger(), static_cast<Unit>(region_.capacity_bytes() / kUnitBytes)),
        start_(region_.bytes()),
        plain_units_(frees_are_plain() ? heap_.slab_units() : 0),
        plain_allocations_(!options.zeroed && !options.recorded) {
    if (options_.background) start_chores();
  }

  Way* attach() noexcept override {
    auto* cache = heap_.attach();
    if (cache == nullptr) return nullptr;
    std::lock_guard held(lock_);
    ways_.push_back(std::make_unique<WayIn>(*cache));
    return ways_.back().get();
  }

  void detach(Way* way) noexcept override {
    WayIn& in = static_cast<WayIn&>(*way);
    while (in.held_count > 0) release_oldest(in);
    wipe(in, SIZE_MAX);
    heap_.detach(in.cache);
    std::lock_guard held(lock_);
    past_.add(in.tally);
    std::erase_if(ways_, [&](const std::unique_ptr<WayIn>& each) { return each.get() == way; });
  }

  // What is usual is done here, and all calls are the last thing, so that no register is to be
  // kept.
  Result<Offset> allocate(Way& way, size_t bytes, uint32_t tag) noexcept override {
    WayIn& in = static_cast<WayIn&>(way);
    if (bytes - 1 < kClassedBytesMax && plain_allocations_) [[likely]] {
      Magazine& magazine =
          TheHeap::magazine_of(in.cache, class_of_units(Guard::units_around(bytes)));
      if (magazine.count != 0) [[likely]]
        return dress(in, magazine.pop(), static_cast<uint32_t>(bytes), tag);
    }
    return allocate_slowly(in, bytes, tag);
  }

  uint32_t allocate_all(Way& way, std::span<const uint32_t> sizes, uint32_t tag,
                        Offset* offsets) noexcept override {
    WayIn& in = static_cast<WayIn&>(way);
    uint32_t done = 0;
    while (done < sizes.size()) {
      Unit units[kAtOnce];
      uint32_t wanted = std::min<uint32_t>(kAtOnce, static_cast<uint32_t>(sizes.size()) - done);
      uint32_t taken = 0;
      for (; taken < wanted; ++taken) {
        Result<Unit> unit = take(in, sizes[done + taken]);
        if (!unit) break;
        units[taken] = *unit;
        fetch(at(*unit), std::min(Guard::bytes_around(sizes[done + taken]), kFetchedBytesMax));
      }
      for (uint32_t each = 0; each < taken; ++each, ++done) {
        offsets[done] = dress_fully(in, units[each], sizes[done], tag);
      }
      if (taken < wanted) break;
    }
    return done;
  }

  Fault free(Way& way, uint64_t offset) noexcept override {
    return undress(static_cast<WayIn&>(way), offset);
  }

  uint32_t free_all(Way& way, std::span<const Offset> offsets) noexcept override {
    uint32_t fetched = 0;
    for (uint32_t done = 0; done < offsets.size(); ++done) {
      for (; fetched < offsets.size() && fetched < done + kAtOnce; ++fetched) {
        fetch_guards(offsets[fetched]);
      }
      if (undress(static_cast<WayIn&>(way), offsets[done]) != Fault::none) return done;
    }
    return static_cast<uint32_t>(offsets.size());
  }

  size_t wipe(Way& way, size_t bytes_max) noexcept override {
    WayIn& in = static_cast<WayIn&>(way);
    size_t done = 0;
    size_t blocks = 0;
    for (; blocks < in.unwiped.size() && done < bytes_max; ++blocks) {
      done += wipe_block(in.cache, in.unwiped[blocks]);
    }
    in.unwiped.erase(in.unwiped.begin(), in.unwiped.begin() + static_cast<ptrdiff_t>(blocks));
    for (size_t wiped; done < bytes_max && (wiped = wipe_queued(in.cache)) > 0;) done += wiped;
    if (done < bytes_max) queue_.settle();
    return done;
  }

  Result<uint32_t> block_bytes(uint64_t offset) noexcept override {
    Front front;
    Fault fault = look(offset, front);
    if (fault != Fault::none) return fault;
    return front.bytes;
  }

  Result<uint32_t> block_tag(uint64_t offset) noexcept override {
    Front front;
    Fault fault = look(offset, front);
    if (fault != Fault::none) return fault;
    return front.tag;
  }

  Workings workings(Way& way) noexcept override {
    if (!frees_are_plain() || sizeof(Magazine) != 256) return {};
    auto& magazines = static_cast<WayIn&>(way).cache.magazines;
    return {{region_.ledger(), region_.ledger_bytes()},
            {reinterpret_cast<std::byte*>(magazines), sizeof(magazines)},
            heap_.slab_classes()};
  }

  std::vector<LiveBlock> live_blocks() noexcept override {
    std::vector<Unit> cached = heap_.cached_units();
    std::sort(cached.begin(), cached.end());
    std::vector<LiveBlock> result;
    heap_.each_block([&](Unit unit, Unit units) {
      if (std::binary_search(cached.begin(), cached.end(), unit)) return;
      Front front;
      switch (guard_.look(at(unit), unit, size_t{units} * kUnitBytes, front)) {
        case Guard::Finding::freed: return;  // in quarantine
        case Guard::Finding::live:
          result.push_back({offset_of(unit), front.bytes, front.tag, true});
          return;
        case Guard::Finding::rear_broken:
          result.push_back({offset_of(unit), front.bytes, front.tag, false});
          return;
        case Guard::Finding::front_broken:
          uint32_t room = static_cast<uint32_t>(units * kUnitBytes - Guard::kFrontBytes);
          result.push_back({offset_of(unit), room, kNoTag, false});
          return;
      }
    });
    return result;
  }

  MemoryMap map(uint32_t cells) noexcept override {
    MemoryMap map;
    map.cell_bytes = round_up((capacity_bytes() + cells - 1) / cells, kPageBytes);
    map.cells.resize((capacity_bytes() + map.cell_bytes - 1) / map.cell_bytes);
    map.slabs.resize(kClassCount + 1);
    map.in_slabs.resize(kClassCount + 1);
    map.touched_bytes = size_t{heap_.touched_units()} * kUnitBytes;
    heap_.each_run([&](const typename TheHeap::Run& run) {
      size_t start = size_t{run.start} * kUnitBytes;
      size_t bytes = size_t{run.units} * kUnitBytes;
      size_t live = size_t{run.live_units} * kUnitBytes;
      // Of a slab that lies in two cells each gets its share.
      for (size_t at = start; at < start + bytes;) {
        size_t end = std::min((at / map.cell_bytes + 1) * map.cell_bytes, start + bytes);
        map.cells[at / map.cell_bytes] += static_cast<uint32_t>(live * (end - at) / bytes);
        at = end;
      }
      if (run.block_units == 0) {
        map.large_bytes += live;
      } else {
        map.slabs[class_of_units(run.block_units)] += 1;
        map.in_slabs[class_of_units(run.block_units)] += live;
      }
    });
    // What lies in magazines is not in use.
    for (Unit unit : heap_.cached_units()) {
      size_t bytes = size_t{heap_.units_at(unit)} * kUnitBytes;
      SizeClass size = heap_.small_class_at(unit);
      uint32_t& cell = map.cells[size_t{unit} * kUnitBytes / map.cell_bytes];
      cell -= static_cast<uint32_t>(std::min<size_t>(cell, bytes));
      if (size == 0) map.large_bytes -= bytes;
      if (size != 0) map.in_slabs[size] -= bytes;
    }
    return map;
  }

  void sketch(uint8_t (&tenths)[kSketchCells]) noexcept override {
    uint64_t live[kSketchCells] = {};
    uint64_t units = capacity_bytes() / kUnitBytes;
    heap_.each_run([&](const typename TheHeap::Run& run) {
      // A run's share of each cell that it lies in.
      for (uint64_t at = run.start; at < uint64_t{run.start} + run.units;) {
        uint64_t cell = at * kSketchCells / units;
        uint64_t cell_end = ((cell + 1) * units + kSketchCells - 1) / kSketchCells;
        uint64_t end = std::min<uint64_t>(cell_end, uint64_t{run.start} + run.units);
        live[cell] += run.live_units * (end - at) * 10 / run.units;
        at = end;
      }
    });
    for (uint32_t cell = 0; cell < kSketchCells; ++cell) {
      uint64_t tenth = (live[cell] * kSketchCells + units - 1) / units;
      tenths[cell] = static_cast<uint8_t>(std::min<uint64_t>(tenth, 9));
    }
  }

  PoolStats stats() noexcept override {
    std::lock_guard held(lock_);
    Tally sum = past_;
    for (const std::unique_ptr<WayIn>& way : ways_) sum.add(way->tally);
    return {sum.bytes(), sum.blocks()};
  }

  std::vector<LateWrite> take_late_writes() noexcept override {
    std::lock_guard held(lock_);
    return std::exchange(late_writes_, {});
  }

  Region end() noexcept override {
    if (options_.background) stop_chores();
    region_.reset(size_t{heap_.touched_units()} * kUnitBytes);
    heap_.end();
    if constexpr (S::kSimulated) region_.reset_ledger();
    return std::move(region_);
  }

  // The memory of a pool whose threads stopped in the middle of something, and which cannot end.
  Region give_up() noexcept { return std::move(region_); }
  // Waits for threads of the pool that are changing what reports look at.
  void settle() noexcept { heap_.settle(); }

 private:
  // Allocations less frees, in one word: bytes in its lower 36 bits, blocks above. A block may be
  // freed through another way than it came by, so only the sum of all is a number.
  class Tally {
   public:
    void allocated(uint32_t bytes) noexcept { word_ += kBlock + bytes; }
    void freed(uint32_t bytes) noexcept { word_ -= kBlock + bytes; }
    void add(const Tally& other) noexcept { word_ += other.word_; }
    uint64_t bytes() const noexcept { return word_ % kBlock; }
    uint64_t blocks() const noexcept { return word_ / kBlock; }

   private:
    static constexpr uint64_t kBlock = uint64_t{1} << 36;
    static_assert(Region::kCapacityBytesMax < kBlock);
    static_assert(Region::kCapacityBytesMax / Guard::bytes_around(1) < ~uint64_t{0} / kBlock);
    uint64_t word_ = 0;
  };

  struct WayIn final : Way {
    explicit WayIn(typename TheHeap::Cache& of) noexcept : cache(of) {}
    typename TheHeap::Cache& cache;
    Tally tally;
    // In quarantine: a ring, whose oldest is at `oldest`.
    std::vector<Unit> held;
    uint32_t oldest = 0;
    uint32_t held_count = 0;
    // Freed, and still to be wiped before their memory is used again.
    std::vector<Unit> unwiped;
  };

  using Magazine = typename TheHeap::Magazine;

  static constexpr size_t kLateWritesMax = 64;
  // So many misses are under way at a time.
  static constexpr uint32_t kAtOnce = 16;
  static constexpr size_t kFetchedBytesMax = 1024;
  static constexpr int kWiped = 0xdd;
  static constexpr uint32_t kWipedTogether = 4;
  static constexpr size_t kWipedAtOnceMax = groundhog::kMediumBytesMax;
  static constexpr int kUnitShift = std::countr_zero(kUnitBytes);
  static constexpr size_t kMediumBytesMax = Shape::kMediumUnitsMax * kUnitBytes;
  static constexpr size_t kClassedBytesMax = Guard::bytes_in(kMediumBytesMax);
  static_assert(Guard::units_around(kClassedBytesMax) == Shape::kMediumUnitsMax);

  // By class; none in what is no slab.
  static constexpr auto kBytesMax = [] {
    std::array<uint32_t, 256> most{};
    for (uint32_t size = 1; size <= kClassCount; ++size) {
      size_t room = units_of(static_cast<SizeClass>(size)) * kUnitBytes;
      most[size] = static_cast<uint32_t>(Guard::bytes_in(room));
    }
    return most;
  }();

  static Unit unit_of(uint64_t offset) noexcept {
    return static_cast<Unit>((offset - Guard::kFrontBytes) / kUnitBytes);
  }
  static Offset offset_of(Unit unit) noexcept {
    return static_cast<Offset>(size_t{unit} * kUnitBytes + Guard::kFrontBytes);
  }
  std::byte* at(Unit unit) const noexcept { return start_ + size_t{unit} * kUnitBytes; }

  // Whether a freed block needs no more care.
  bool frees_are_plain() const noexcept {
    return !options_.wiped && options_.quarantine == 0 && !options_.recorded;
  }

  bool is_place(uint64_t offset) const noexcept {
    return offset >= Guard::kFrontBytes && offset < capacity_bytes() && offset % kUnitBytes == 0;
  }

  // A block of a class is taken without a look at how many bytes there are in all.
  [[gnu::always_inline]] Result<Unit> take(WayIn& in, size_t bytes) noexcept {
    if (bytes - 1 < kClassedBytesMax) [[likely]] {
      Unit unit = heap_.allocate(in.cache, class_of_units(Guard::units_around(bytes)));
      if (unit != kNoUnit) [[likely]]
        return unit;
    }
    return take_slowly(in, bytes);
  }

  [[gnu::noinline]] Result<Unit> take_slowly(WayIn& in, size_t bytes) noexcept {
    if (bytes == 0 || bytes > capacity_bytes()) return Fault::invalid_size;
    Unit unit = heap_.allocate(in.cache, Guard::bytes_around(bytes));
    // Blocks that are held back are given up before an allocation is.
    while (unit == kNoUnit && (wipe(in, 1) > 0 || queue_.settle())) {
      unit = heap_.allocate(in.cache, Guard::bytes_around(bytes));
    }
    while (unit == kNoUnit && in.held_count > 0) {
      release_oldest(in);
      unit = heap_.allocate(in.cache, Guard::bytes_around(bytes));
    }
    if (unit == kNoUnit) return Fault::out_of_memory;
    return unit;
  }

  [[gnu::always_inline]] Offset dress(WayIn& in, Unit unit, uint32_t bytes, uint32_t tag) noexcept {
    guard_.set(at(unit), unit, bytes, tag);
    in.tally.allocated(bytes);
    return offset_of(unit);
  }

  Offset dress_fully(WayIn& in, Unit unit, uint32_t bytes, uint32_t tag) noexcept {
    Offset offset = dress(in, unit, bytes, tag);
    if (options_.zeroed) std::memset(at(unit) + Guard::kFrontBytes, 0, bytes);
    if (options_.recorded) [[unlikely]]
      record({Operation::Kind::allocate, Fault::none, offset, bytes, tag});
    return offset;
  }

  [[gnu::noinline]] Result<Offset> allocate_slowly(WayIn& in, size_t bytes, uint32_t tag) noexcept {
    Result<Unit> unit = take(in, bytes);
    if (!unit) [[unlikely]]
      return refused(unit.fault(), bytes, tag);
    return dress_fully(in, *unit, static_cast<uint32_t>(bytes), tag);
  }

  // A block whose guards are broken stays live, so that reports show it. What is intact needs no
  // second opinion from the ledger: `check` holds only at the start of a block.
  [[gnu::always_inline]] Fault undress(WayIn& in, uint64_t offset) noexcept {
    // What is not the place of a block becomes a large number.
    uint64_t place = std::rotr(offset - Guard::kFrontBytes, kUnitShift);
    if (place >= plain_units_) [[unlikely]]
      return free_slowly(in, offset);
    Unit unit = static_cast<Unit>(place);
    std::byte* block = at(unit);
    // The class does not wait for the block's own bytes to come.
    SizeClass size = heap_.slab_class_at(unit);
    uint32_t bytes_max = kBytesMax[size];
    // The rear canary is in the last bytes of the class: it comes along with the front.
    __builtin_prefetch(block + bytes_max);
    uint32_t bytes;
    if (!guard_.is_live(block, unit, bytes_max, bytes)) [[unlikely]]
      return free_other(in, offset, unit);
    guard_.set_freed(block);
    in.tally.freed(bytes);
    heap_.free(in.cache, unit, size);
    return Fault::none;
  }

  // What does not lie in a slab, or is not a block at all.
  [[gnu::noinline]] Fault free_other(WayIn& in, uint64_t offset, Unit unit) noexcept {
    size_t room = std::min(kMediumBytesMax, capacity_bytes() - size_t{unit} * kUnitBytes);
    uint32_t bytes_max = static_cast<uint32_t>(Guard::bytes_in(room));
    uint32_t bytes;
    if (heap_.slab_class_at(unit) != 0 || !guard_.is_live(at(unit), unit, bytes_max, bytes)) {
      return free_slowly(in, offset);
    }
    guard_.set_freed(at(unit));
    in.tally.freed(bytes);
    heap_.free(in.cache, unit, class_of_units(Guard::units_around(bytes)));
    return Fault::none;
  }

  static void fetch(const std::byte* from, size_t bytes) noexcept {
    for (size_t line = 0; line < bytes; line += kLineBytes) __builtin_prefetch(from + line, 1);
  }

  void fetch_guards(Offset offset) noexcept {
    if (!is_place(offset)) return;
    Unit unit = unit_of(offset);
    __builtin_prefetch(at(unit), 1);
    SizeClass size = heap_.small_class_at(unit);
    if (size != 0) __builtin_prefetch(at(unit) + (units_of(size) - 1) * kUnitBytes);
  }

  [[gnu::noinline]] void record(const Operation& operation) noexcept { recorder_.add(operation); }

  [[gnu::noinline]] Fault refused(Fault fault, size_t bytes, uint32_t tag) noexcept {
    if (options_.recorded) {
      record({Operation::Kind::allocate, fault, 0, static_cast<uint32_t>(bytes), tag});
    }
    return fault;
  }

  [[gnu::noinline]] Fault free_slowly(WayIn& in, uint64_t offset) noexcept {
    Fault fault = free_carefully(in, offset);
    if (options_.recorded) {
      record({Operation::Kind::free, fault, static_cast<uint32_t>(offset), 0, 0});
    }
    return fault;
  }

  Fault free_carefully(WayIn& in, uint64_t offset) noexcept {
    Front front;
    Fault fault = look(offset, front);
    if (fault != Fault::none) return fault;
    Unit unit = unit_of(offset);
    guard_.set_freed(at(unit));
    in.tally.freed(front.bytes);
    // In quarantine the pattern tells late writes, so there it cannot wait.
    if (options_.quarantine == 0 && is_wiped_later(front.bytes)) {
      if (options_.background) {
        queue_.push(unit);
      } else {
        in.unwiped.push_back(unit);
      }
      return Fault::none;
    }
    if (options_.wiped || options_.quarantine > 0) {
      std::memset(at(unit) + Guard::kFrontBytes, kWiped, front.bytes);
    }
    if (options_.quarantine == 0) {
      heap_.free(in.cache, unit);
    } else {
      if (in.held_count == options_.quarantine) release_oldest(in);
      in.held.resize(options_.quarantine);
      in.held[(in.oldest + in.held_count++) % options_.quarantine] = unit;
    }
    return Fault::none;
  }

  // The front of a live block, or what is wrong.
  Fault look(uint64_t offset, Front& front) noexcept {
    if (!is_place(offset)) return Fault::invalid_offset;
    Unit unit = unit_of(offset);
    // What the ledger says of somebody else's memory may be changing.
    if (options_.background && !looks_live(unit, offset)) heap_.settle();
    Unit units = heap_.units_at(unit);
    bool is_block = units != 0;
    size_t room = is_block ? size_t{units} * kUnitBytes : capacity_bytes() - offset;
    switch (guard_.look(at(unit), unit, room, front)) {
      case Guard::Finding::live: return is_block ? Fault::none : Fault::invalid_offset;
      case Guard::Finding::freed: return Fault::double_free;
      case Guard::Finding::rear_broken: return is_block ? Fault::corrupt : Fault::invalid_offset;
      case Guard::Finding::front_broken: break;
    }
    return is_block && !is_cached(unit) ? Fault::corrupt : Fault::invalid_offset;
  }

  bool looks_live(Unit unit, uint64_t offset) noexcept {
    Front front;
    size_t room = capacity_bytes() - offset + Guard::kFrontBytes;
    return guard_.look(at(unit), unit, room, front) == Guard::Finding::live;
  }

  bool is_wiped_later(size_t bytes) const noexcept {
    return options_.background ? bytes > Shape::kWipedAtOnceBytes
                               : options_.wiped_later && bytes > kWipedAtOnceMax;
  }

  // What is wiped is the block as the ledger has it: its front may have been overwritten since.
  size_t wipe_block(typename TheHeap::Cache& cache, Unit unit) noexcept {
    Span bytes = behind_front(unit);
    std::memset(bytes.start, kWiped, bytes.bytes);
    heap_.free(cache, unit);
    return bytes.bytes;
  }
  Span behind_front(Unit unit) noexcept {
    size_t bytes = size_t{heap_.units_of_live(unit)} * kUnitBytes;
    return {at(unit) + Guard::kFrontBytes, bytes - Guard::kFrontBytes};
  }
  size_t wipe_queued(typename TheHeap::Cache& cache) noexcept {
    Unit unit = queue_.take();
    if (unit == kNoUnit) return 0;
    size_t bytes = wipe_block(cache, unit);
    queue_.done(1);
    return bytes;
  }

  // A few at a time, which have been freed one after the other and lie together.
  void wipe_some(typename TheHeap::Cache& cache) noexcept {
    Unit units[kWipedTogether];
    Span bytes[kWipedTogether];
    uint32_t count = 0;
    for (Unit unit; count < kWipedTogether && (unit = queue_.take()) != kNoUnit; ++count) {
      units[count] = unit;
      bytes[count] = behind_front(unit);
    }
    auto wipe_all = [&] {
      for (uint32_t each = 0; each < count; ++each) {
        std::memset(bytes[each].start, kWiped, bytes[each].bytes);
      }
    };
    if (kWiping == Wiping::before_giving_back) wipe_all();
    for (uint32_t each = 0; each < count; ++each) heap_.free(cache, units[each]);
    heap_.empty(cache);
    if (kWiping == Wiping::after_giving_back) wipe_all();
    queue_.done(count);
  }

  void start_chores() noexcept {
    heap_.start_stocking();
    wiper_.emplace([this] {
      auto* cache = heap_.attach();
      if (cache == nullptr) return;
      while (queue_.wait()) wipe_some(*cache);
      heap_.detach(*cache);
    });
    stocker_.emplace([this] {
      while (SizeClass size = heap_.next_to_stock()) heap_.stock(size);
    });
  }
  void stop_chores() noexcept {
    queue_.stop();
    heap_.stop_stocking();
    wiper_->join();
    stocker_->join();
  }

  bool is_cached(Unit unit) noexcept {
    std::vector<Unit> cached = heap_.cached_units();
    return std::find(cached.begin(), cached.end(), unit) != cached.end();
  }

  void release_oldest(WayIn& way) noexcept {
    Unit unit = way.held[way.oldest];
    way.oldest = (way.oldest + 1) % options_.quarantine;
    --way.held_count;
    Front front;
    size_t room = size_t{heap_.units_at(unit)} * kUnitBytes;
    bool readable = guard_.look(at(unit), unit, room, front) == Guard::Finding::freed;
    const std::byte* users = at(unit) + Guard::kFrontBytes;
    bool late = !readable || !std::all_of(users, users + front.bytes,
                                          [](std::byte byte) { return byte == std::byte{kWiped}; });
    if (late) {
      std::lock_guard held(lock_);
      if (late_writes_.size() < kLateWritesMax) {
        late_writes_.push_back(
            {offset_of(unit), readable ? front.bytes : 0, readable ? front.tag : kNoTag});
      }
      guard_.set(at(unit), unit, 0, 0);
      guard_.set_freed(at(unit));
    }
    heap_.free(way.cache, unit);
  }

  TheHeap heap_;
  std::byte* start_;
  uint64_t plain_units_;  // below it a free may be a plain one
  bool plain_allocations_;
  typename S::Mutex lock_;  // of what follows
  std::vector<std::unique_ptr<WayIn>> ways_;
  Tally past_;  // of ways that ended
  std::vector<LateWrite> late_writes_;
  WipeQueue<S> queue_;
  std::optional<typename S::Thread> wiper_;
  std::optional<typename S::Thread> stocker_;
};

}  // namespace groundhog
