// A pool in the simulated world. Its own threads, which wipe and refill, are fibers, and so is its
// caller: each call runs up to its end or to a question that the host is to answer, and the pool's
// threads may go on between any two atomic operations of it.
//
//   host:   call ──► question ──► resume ──► ... ──► done
//   pool:   parked   (a thread waits for its turn)   parked, its threads wherever they stand
//
// - The life of a pool is one run of the engine: what its threads have left undone at the end of a
//   call they go on with in a later one.
// - Looking on is calm: nobody else takes a step meanwhile, unless the caller has to wait for it.
// - What the engine finds (a race, a deadlock, a use after free) ends the pool; `outcome` tells.

#pragma once

#include <memory>
#include <new>
#include <utility>

#include "../port/asked.h"
#include "../port/sim_sync.h"
#include "pool_of.h"

namespace groundhog {

// What does not depend on how it wipes.
class SimulatedPool {
 public:
  enum class Call : uint32_t { none, allocate, free, block_bytes, block_tag, look, close };

  virtual ~SimulatedPool() = default;

  // Whether the call has ended; if not, `question` tells what to decide. Nothing is asked in a calm
  // call.
  bool call(Call call, uint64_t first, uint32_t second, bool calm) {
    call_ = call;
    first_ = first;
    second_ = second;
    strategy_.calm = calm;
    idle_ = false;
    return go_on(0);
  }
  bool resume(uint32_t answer) { return go_on(answer); }
  const sim::Engine::Question& question() const noexcept { return engine_.question(); }

  // Anything but `passed`: the pool is of no use any more.
  const sim::Outcome& outcome() const noexcept { return engine_.outcome(); }
  bool is_over() const noexcept { return over_; }

  // Of the call that ended: an offset or a size, or a fault; and what `look` saw.
  Result<uint32_t> result() const noexcept { return result_; }
  const std::vector<LiveBlock>& live() const noexcept { return live_; }
  uint64_t live_bytes() const noexcept { return live_bytes_; }
  uint64_t content_hash() const noexcept { return content_hash_; }

  std::byte* bytes() const noexcept { return bytes_; }
  size_t capacity_bytes() const noexcept { return capacity_bytes_; }

  // The region, once the pool was closed.
  Region take_region() noexcept { return std::move(region_); }

 protected:
  class Strategy final : public sim::Asked {
   public:
    uint32_t pick(sim::Engine& engine, uint32_t ready) override {
      return calm ? engine.calmest(ready) : Asked::pick(engine, ready);
    }
    uint32_t branch(sim::Engine& engine, sim::Site site, uint32_t count) override {
      return calm ? 0 : Asked::branch(engine, site, count);
    }
    bool calm = true;
  };

  explicit SimulatedPool(Region region)
      : bytes_(region.bytes()),
        capacity_bytes_(region.capacity_bytes()),
        region_(std::move(region)),
        engine_({.steps_max = UINT32_MAX}) {}

  void start(void (*root)()) { over_ = engine_.start(root, strategy_); }

  // On the caller's fiber: until there is a call.
  void park() {
    idle_ = true;
    engine_.ask(sim::Site::custom, 1);
  }

  template <class Inside>
  void perform(Inside& pool, Way& way) {
    result_ = uint32_t{0};
    switch (call_) {
      case Call::allocate: result_ = pool.allocate(way, first_, second_); return;
      case Call::free: result_ = of(pool.free(way, first_)); return;
      case Call::block_bytes: result_ = pool.block_bytes(first_); return;
      case Call::block_tag: result_ = pool.block_tag(first_); return;
      case Call::look:
        pool.settle();
        live_ = pool.live_blocks();
        live_bytes_ = pool.stats().live_bytes;
        content_hash_ = pool.content_hash();
        return;
      case Call::none:
      case Call::close: return;
    }
  }

  std::byte* bytes_;
  size_t capacity_bytes_;
  Region region_;
  Call call_ = Call::none;

 private:
  static Result<uint32_t> of(Fault fault) noexcept {
    return fault == Fault::none ? Result<uint32_t>(0) : Result<uint32_t>(fault);
  }

  bool go_on(uint32_t answer) {
    over_ = engine_.resume(answer);
    return over_ || idle_;
  }

  sim::Engine engine_;
  Strategy strategy_;
  bool idle_ = false;
  bool over_ = false;
  uint64_t first_ = 0;
  uint32_t second_ = 0;
  Result<uint32_t> result_ = uint32_t{0};
  std::vector<LiveBlock> live_;
  uint64_t live_bytes_ = 0;
  uint64_t content_hash_ = 0;
};

template <Wiping kWiping>
class SimulatedPoolOf final : public SimulatedPool {
 public:
  using Inside = PoolOf<sim::SimSync, CompactShape<1>, kWiping>;

  SimulatedPoolOf(Region region, const PoolOptions& options)
      : SimulatedPool(std::move(region)), options_(options) {
    starting = this;
    start([] { starting->life(); });
  }
  ~SimulatedPoolOf() override {
    if (!is_over()) call(Call::close, 0, 0, true);
    if (pool_ != nullptr) Region gone = pool_->give_up();  // its run has failed
  }

  static size_t ledger_bytes(size_t capacity_bytes) noexcept {
    return Inside::ledger_bytes(capacity_bytes);
  }

 private:
  static inline thread_local SimulatedPoolOf* starting = nullptr;

  // On the caller's fiber.
  void life() {
    pool_ = new (storage_) Inside(std::move(region_), options_);
    Way* way = pool_->attach();
    for (park(); call_ != Call::close; park()) perform(*pool_, *way);
    pool_->detach(way);
    region_ = pool_->end();
    std::exchange(pool_, nullptr)->~Inside();
  }

  PoolOptions options_;
  Inside* pool_ = nullptr;
  alignas(Inside) std::byte storage_[sizeof(Inside)];
};

inline Fault open_simulated_pool(Shelf& shelf, PoolOptions options, Wiping wiping,
                                 std::unique_ptr<SimulatedPool>& made) {
  using Right = SimulatedPoolOf<Wiping::before_giving_back>;
  using Wrong = SimulatedPoolOf<Wiping::after_giving_back>;
  if (options.capacity_bytes == 0 || options.capacity_bytes > Pool::kCapacityBytesMax) {
    return Fault::invalid_size;
  }
  options.capacity_bytes = round_up(options.capacity_bytes, kPageBytes);
  options.wiped = options.background = true;
  Region region;
  size_t ledger_bytes = Right::ledger_bytes(options.capacity_bytes);
  Fault fault = shelf.take(options.capacity_bytes, ledger_bytes, region);
  if (fault != Fault::none) return fault;
  if (wiping == Wiping::before_giving_back) {
    made = std::make_unique<Right>(std::move(region), options);
  } else {
    made = std::make_unique<Wrong>(std::move(region), options);
  }
  return Fault::none;
}

}  // namespace groundhog
