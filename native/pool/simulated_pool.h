// A pool in the simulated world. Its own threads, which wipe, refill or move, are fibers, and so is its
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
#include "pool.h"

namespace groundhog {

// What does not depend on what kind of pool it is; open_simulated_pool.h has the kinds.
class SimulatedPool {
 public:
  enum class Call : uint32_t {
    none,
    allocate,  // bytes and tag: the block's name, which is an offset or a handle
    free,      // here and below, of a block
    block_bytes,
    block_tag,
    pin,  // its offset
    unpin,
    look,  // at all of them; see `seen`
    close,
  };
  struct Request {
    Call call = Call::none;
    uint64_t first = 0;
    uint32_t second = 0;
  };

  virtual ~SimulatedPool() = default;

  // Whether the call has ended; if not, `question` tells what to decide. Nothing is asked in a calm
  // call.
  bool call(Request request, bool calm) {
    request_ = request;
    strategy_.calm = calm;
    idle_ = false;
    return go_on(0);
  }
  bool resume(uint32_t answer) { return go_on(answer); }
  const sim::Engine::Question& question() const noexcept { return engine_.question(); }

  // Anything but `passed`: the pool is of no use any more.
  const sim::Outcome& outcome() const noexcept { return engine_.outcome(); }
  bool is_over() const noexcept { return over_; }

  // Of the call that ended: a name or a size, or a fault; and what `look` saw.
  Result<uint32_t> result() const noexcept { return result_; }
  const Seen& seen() const noexcept { return seen_; }

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

  std::byte* bytes_;
  size_t capacity_bytes_;
  Region region_;
  Request request_;
  Result<uint32_t> result_ = uint32_t{0};
  Seen seen_;

 private:
  bool go_on(uint32_t answer) {
    over_ = engine_.resume(answer);
    return over_ || idle_;
  }

  sim::Engine engine_;
  Strategy strategy_;
  bool idle_ = false;
  bool over_ = false;
};

// `Served` is made on the region, performs requests, ends, and gives up where its run has failed.
template <class Served>
class SimulatedPoolOf final : public SimulatedPool {
 public:
  SimulatedPoolOf(Region region, const PoolOptions& options)
      : SimulatedPool(std::move(region)), options_(options) {
    starting = this;
    start([] { starting->life(); });
  }
  ~SimulatedPoolOf() override {
    if (!is_over()) call({Call::close}, true);
    if (served_ != nullptr) served_->give_up();
  }

 private:
  static inline thread_local SimulatedPoolOf* starting = nullptr;

  // On the caller's fiber.
  void life() {
    served_ = new (storage_) Served(region_, options_);
    for (park(); request_.call != Call::close; park()) {
      result_ = served_->perform(request_, seen_);
    }
    served_->end();
    std::exchange(served_, nullptr)->~Served();
  }

  PoolOptions options_;
  Served* served_ = nullptr;
  alignas(Served) std::byte storage_[sizeof(Served)];
};

}  // namespace groundhog
