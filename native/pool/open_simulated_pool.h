// The kinds of pools of the simulated world, and how one is made.

#pragma once

#include "movable_pool.h"
#include "pool_of.h"
#include "simulated_pool.h"

namespace groundhog {

// What a kind of pool makes of the requests of simulated_pool.h.
struct Answer {
  using Request = SimulatedPool::Request;
  using Call = SimulatedPool::Call;

  static Result<uint32_t> of(Fault fault) noexcept {
    return fault == Fault::none ? Result<uint32_t>(0) : Result<uint32_t>(fault);
  }
};

// Blocks by offsets, with magazines of one block so that every call reaches the shared parts.
template <Wiping kWiping>
class ServedBlocks : Answer {
 public:
  ServedBlocks(Region& region, const PoolOptions& options)
      : region_(region), pool_(std::move(region), options), way_(pool_.attach()) {}

  static size_t ledger_bytes(size_t capacity_bytes) noexcept {
    return Inside::ledger_bytes(capacity_bytes);
  }

  Result<uint32_t> perform(const Request& request, Seen& seen) {
    switch (request.call) {
      case Call::allocate: return pool_.allocate(*way_, request.first, request.second);
      case Call::free: return of(pool_.free(*way_, request.first));
      case Call::block_bytes: return pool_.block_bytes(request.first);
      case Call::block_tag: return pool_.block_tag(request.first);
      case Call::look:
        pool_.settle();
        seen = {pool_.live_blocks(), pool_.stats().live_bytes, pool_.content_hash()};
        return uint32_t{0};
      case Call::pin:
      case Call::unpin:
      case Call::none:
      case Call::close: break;
    }
    return Fault::invalid_offset;
  }

  void end() {
    pool_.detach(way_);
    region_ = pool_.end();
  }
  void give_up() noexcept { region_ = pool_.give_up(); }

 private:
  using Inside = PoolOf<sim::SimSync, CompactShape<1>, kWiping>;

  Region& region_;
  Inside pool_;
  Way* way_;
};

// Movable ones, by handles.
template <Moving kMoving>
class ServedMovable : Answer {
 public:
  ServedMovable(Region& region, const PoolOptions&) : pool_(region, true) {}

  static size_t ledger_bytes(size_t capacity_bytes) noexcept {
    return Inside::ledger_bytes(capacity_bytes);
  }

  Result<uint32_t> perform(const Request& request, Seen& seen) {
    if (request.call == Call::allocate) return pool_.allocate(request.first, request.second);
    Handle handle = static_cast<Handle>(request.first);
    switch (request.call) {
      case Call::free: return of(pool_.free(handle));
      case Call::block_bytes: return pool_.block_bytes(handle);
      case Call::block_tag: return pool_.block_tag(handle);
      case Call::pin: return pool_.pin(handle);
      case Call::unpin: return of(pool_.unpin(handle));
      case Call::look: seen = pool_.seen(); return uint32_t{0};
      case Call::allocate:
      case Call::none:
      case Call::close: break;
    }
    return Fault::invalid_offset;
  }

  void end() noexcept { pool_.end(); }
  void give_up() noexcept {}

 private:
  using Inside = MovablePool<sim::SimSync, kMoving>;

  Inside pool_;
};

// The kinds. The last of each are broken twins; JavaScript knows them by their numbers.
enum class Simulated : uint32_t {
  blocks,
  blocks_wiped_late,
  movable,
  movable_unlocked,
  movable_not_waited_for,
  movable_waited_for_under_lock,
};

template <class Served>
Fault open_simulated_as(Shelf& shelf, const PoolOptions& options,
                        std::unique_ptr<SimulatedPool>& made) {
  Region region;
  size_t ledger_bytes = Served::ledger_bytes(options.capacity_bytes);
  Fault fault = shelf.take(options.capacity_bytes, ledger_bytes, region);
  if (fault != Fault::none) return fault;
  made = std::make_unique<SimulatedPoolOf<Served>>(std::move(region), options);
  return Fault::none;
}

inline Fault open_simulated_pool(Shelf& shelf, PoolOptions options, Simulated kind,
                                 std::unique_ptr<SimulatedPool>& made) {
  if (options.capacity_bytes == 0 || options.capacity_bytes > Region::kCapacityBytesMax) {
    return Fault::invalid_size;
  }
  options.capacity_bytes = round_up(options.capacity_bytes, kPageBytes);
  options.wiped = options.background = true;
  switch (kind) {
    case Simulated::blocks:
      return open_simulated_as<ServedBlocks<Wiping::before_giving_back>>(shelf, options, made);
    case Simulated::blocks_wiped_late:
      return open_simulated_as<ServedBlocks<Wiping::after_giving_back>>(shelf, options, made);
    case Simulated::movable:
      return open_simulated_as<ServedMovable<Moving::right>>(shelf, options, made);
    case Simulated::movable_unlocked:
      return open_simulated_as<ServedMovable<Moving::unlocked>>(shelf, options, made);
    case Simulated::movable_not_waited_for:
      return open_simulated_as<ServedMovable<Moving::not_waited_for>>(shelf, options, made);
    case Simulated::movable_waited_for_under_lock:
      return open_simulated_as<ServedMovable<Moving::waited_for_under_lock>>(shelf, options, made);
  }
  return Fault::invalid_size;
}

}  // namespace groundhog
