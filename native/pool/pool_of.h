// A pool on a policy and a shape of heap: pool.h says what it promises.

#pragma once

#include "../alloc/heap.h"
#include "pool.h"

namespace groundhog {

template <Sync S, class Shape>
class PoolOf final : public Pool {
 public:
  using TheHeap = Heap<S, Shape>;

  static constexpr size_t ledger_bytes(size_t capacity_bytes) noexcept {
    return TheHeap::ledger_bytes(static_cast<Unit>(capacity_bytes / kUnitBytes));
  }

  PoolOf(Region region, const PoolOptions& options) noexcept
      : Pool(std::move(region), options),
        heap_(region_.ledger(), static_cast<Unit>(region_.capacity_bytes() / kUnitBytes)),
        plain_frees_(!options.wiped && options.quarantine == 0 && !options.recorded) {}

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

  Result<Offset> allocate(Way& way, size_t bytes, uint32_t tag) noexcept override {
    WayIn& in = static_cast<WayIn&>(way);
    Result<Unit> unit = take(in, bytes);
    if (!unit) [[unlikely]] return refused(unit.fault(), bytes, tag);
    return dress(in, *unit, static_cast<uint32_t>(bytes), tag);
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
        offsets[done] = dress(in, units[each], sizes[done], tag);
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
      Unit unit = in.unwiped[blocks];
      // What is wiped is the block as the ledger has it: its front may have been overwritten since.
      size_t bytes = size_t{heap_.units_at(unit)} * kUnitBytes - Guard::kFrontBytes;
      std::memset(at(unit) + Guard::kFrontBytes, kWiped, bytes);
      heap_.free(in.cache, unit);
      done += bytes;
    }
    in.unwiped.erase(in.unwiped.begin(), in.unwiped.begin() + static_cast<ptrdiff_t>(blocks));
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
    if (!plain_frees_ || sizeof(Magazine) != 256) return {};
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
    return {static_cast<uint64_t>(sum.bytes), static_cast<uint64_t>(sum.blocks)};
  }

  std::vector<LateWrite> take_late_writes() noexcept override {
    std::lock_guard held(lock_);
    return std::exchange(late_writes_, {});
  }

  Region end() noexcept override {
    region_.reset(size_t{heap_.touched_units()} * kUnitBytes);
    heap_.end();
    return std::move(region_);
  }

 private:
  // Allocations less frees. A block may be freed through another way than it came by.
  struct Tally {
    int64_t blocks = 0;
    int64_t bytes = 0;

    void add(const Tally& other) noexcept {
      blocks += other.blocks;
      bytes += other.bytes;
    }
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
  static constexpr size_t kWipedAtOnceMax = kMediumBytesMax;

  static Unit unit_of(uint64_t offset) noexcept {
    return static_cast<Unit>((offset - Guard::kFrontBytes) / kUnitBytes);
  }
  static Offset offset_of(Unit unit) noexcept {
    return static_cast<Offset>(size_t{unit} * kUnitBytes + Guard::kFrontBytes);
  }
  std::byte* at(Unit unit) const noexcept { return bytes() + size_t{unit} * kUnitBytes; }

  bool is_place(uint64_t offset) const noexcept {
    return offset >= Guard::kFrontBytes && offset < capacity_bytes() && offset % kUnitBytes == 0;
  }

  [[gnu::always_inline]] Result<Unit> take(WayIn& in, size_t bytes) noexcept {
    if (bytes == 0 || bytes > capacity_bytes()) [[unlikely]]
      return Fault::invalid_size;
    Unit unit = heap_.allocate(in.cache, Guard::bytes_around(bytes));
    if (unit == kNoUnit) [[unlikely]] {
      unit = allocate_held(in, bytes);
      if (unit == kNoUnit) return Fault::out_of_memory;
    }
    return unit;
  }

  [[gnu::always_inline]] Offset dress(WayIn& in, Unit unit, uint32_t bytes, uint32_t tag) noexcept {
    if (options_.zeroed) std::memset(at(unit) + Guard::kFrontBytes, 0, bytes);
    guard_.set(at(unit), unit, bytes, tag);
    in.tally.blocks += 1;
    in.tally.bytes += bytes;
    if (options_.recorded) [[unlikely]]
      record({Operation::Kind::allocate, Fault::none, offset_of(unit), bytes, tag});
    return offset_of(unit);
  }

  // A block whose guards are broken stays live, so that reports show it. What is intact needs no
  // second opinion from the ledger: `check` holds only at the start of a block.
  [[gnu::always_inline]] Fault undress(WayIn& in, uint64_t offset) noexcept {
    Front front;
    if (plain_frees_ && is_place(offset)) [[likely]] {
      Unit unit = unit_of(offset);
      // Of a small block the class does not wait for the block's own bytes to come.
      SizeClass size = heap_.small_class_at(unit);
      size_t room = units_of(size != 0 ? size : TheHeap::kMediumClassMax) * kUnitBytes;
      // The rear canary is in the last bytes of the class: it comes along with the front.
      if (size != 0) __builtin_prefetch(at(unit) + room - 2 * kUnitBytes);
      if (guard_.is_live(at(unit), unit, std::min(room, capacity_bytes() - offset + Guard::kFrontBytes), front))
          [[likely]] {
        if (size == 0) size = class_of(Guard::bytes_around(front.bytes));
        guard_.set_freed(at(unit));
        in.tally.blocks -= 1;
        in.tally.bytes -= front.bytes;
        heap_.free(in.cache, unit, size);
        return Fault::none;
      }
    }
    return free_slowly(in, offset);
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

  // Blocks that are held back are given up before an allocation is.
  [[gnu::noinline]] Unit allocate_held(WayIn& in, size_t bytes) noexcept {
    Unit unit = kNoUnit;
    while (unit == kNoUnit && wipe(in, 1) > 0) {
      unit = heap_.allocate(in.cache, Guard::bytes_around(bytes));
    }
    while (unit == kNoUnit && in.held_count > 0) {
      release_oldest(in);
      unit = heap_.allocate(in.cache, Guard::bytes_around(bytes));
    }
    return unit;
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
    in.tally.blocks -= 1;
    in.tally.bytes -= front.bytes;
    // In quarantine the pattern tells late writes, so there it cannot wait.
    bool later = options_.wiped_later && options_.quarantine == 0 && front.bytes > kWipedAtOnceMax;
    if (later) {
      in.unwiped.push_back(unit);
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
  bool plain_frees_;  // a freed block needs no more care
  typename S::Mutex lock_;  // of what follows
  std::vector<std::unique_ptr<WayIn>> ways_;
  Tally past_;  // of ways that ended
  std::vector<LateWrite> late_writes_;
};

}  // namespace groundhog
