// Movable blocks for several threads, one of which may be the pool's own: it defragments.
//
//   who moves   lock [ begin ] unlock   copy the bytes   lock [ end ] unlock
//   all others  lock [ allocate, free, pin, unpin, look ] unlock
//
// - A block's bytes may be read and written while it is pinned, and at no other time.
// - Nobody waits for bytes to be copied but who wants just that block: to pin it, or to free it.
// - One thread moves at a time.
// - The pool's own thread sleeps until the blocks that were freed since its last pass come to an
//   eighth of what lies below the last one. So it moves some eight bytes for each that is freed, at
//   most, however large the pool is.

#pragma once

#include <mutex>
#include <optional>

#include "../alloc/movable.h"
#include "../core/hash.h"
#include "../port/sleep.h"
#include "pool.h"

namespace groundhog {

// How blocks are moved. All but the first are broken twins, for tests.
enum class Moving {
  right,
  unlocked,               // a pass begins without the lock
  not_waited_for,         // a block is pinned though it is about to be elsewhere
  waited_for_under_lock,  // which who moves it needs
};

template <Sync S, Moving kMoving = Moving::right>
class MovablePool {
 public:
  static constexpr size_t ledger_bytes(size_t capacity_bytes) noexcept {
    return Movable::ledger_bytes(capacity_bytes);
  }

  // On a region that reads as zero and outlives the pool. With `background` it has a thread of its
  // own.
  MovablePool(Region& region, bool background)
      : region_(region),
        blocks_(region.bytes(), region.capacity_bytes(), region.ledger()),
        background_(background) {
    if (background) mover_.emplace([this] { defragment(); });
  }

  // The handle of a zeroed block.
  Result<Handle> allocate(size_t bytes, uint32_t tag) noexcept {
    std::lock_guard held(lock_);
    Result<Handle> made = blocks_.allocate(bytes, tag);
    if (made) std::memset(blocks_.at(*made).data(), 0, bytes);
    return made;
  }

  // Of a block that may be pinned.
  Fault free(Handle handle) noexcept {
    {
      std::unique_lock held(lock_);
      Fault fault = wait_for(held, handle);
      if (fault != Fault::none) return fault;
      freed_bytes_ = freed_bytes_ + blocks_.at(handle).size();
      blocks_.free(handle);
      if (!background_ || freed_bytes_ * kPassAfterShare < blocks_.top_bytes()) return Fault::none;
    }
    wanted_.fetch_or(kWanted, kRelease);
    wake(wanted_);
    return Fault::none;
  }

  // From now on the block stays where it is: the offset. Pins are counted.
  Result<uint32_t> pin(Handle handle) noexcept {
    std::unique_lock held(lock_);
    Fault fault = kMoving == Moving::not_waited_for ? blocks_.look(handle) : wait_for(held, handle);
    if (fault != Fault::none) return fault;
    blocks_.pin(handle);
    return place_of(handle);
  }
  Fault unpin(Handle handle) noexcept {
    std::lock_guard held(lock_);
    return blocks_.unpin(handle);
  }

  // Of a live block: its size as it was asked for, its tag, and where it is now.
  Result<uint32_t> block_bytes(Handle handle) noexcept {
    return of(handle, [&] { return static_cast<uint32_t>(blocks_.at(handle).size()); });
  }
  Result<uint32_t> block_tag(Handle handle) noexcept {
    return of(handle, [&] { return blocks_.tag(handle); });
  }
  Result<uint32_t> offset(Handle handle) noexcept {
    return of(handle, [&] { return place_of(handle); });
  }

  // See Movable: a step of defragmentation, by whoever calls.
  Movable::Step step(size_t bytes_max) noexcept {
    std::lock_guard alone(moving_lock_);
    size_t moved_bytes = 0;
    while (moved_bytes < bytes_max) {
      size_t bytes = move_one();
      if (bytes == 0) break;
      moved_bytes += bytes;
    }
    std::lock_guard held(lock_);
    return blocks_.end_step(moved_bytes, bytes_max, [&](size_t from, size_t to) {
      region_.backing().forget(from, to);
    });
  }

  PoolStats stats() noexcept {
    std::lock_guard held(lock_);
    return {blocks_.live_bytes(), blocks_.live_count()};
  }

  // The lowest number of a handle comes first.
  Seen seen() {
    std::unique_lock held(lock_);
    wait_while(held, [](Handle moving) { return moving != kNoHandle; });
    Seen seen;
    Hash hash;
    blocks_.each([&](const Movable::Live& live) {
      std::span<std::byte> bytes = blocks_.at(live.handle);
      seen.live.push_back({live.handle, live.bytes, live.tag, true});
      hash.add(uint64_t{live.handle} << 32 | live.tag);
      hash.add(bytes.data(), bytes.size());
    });
    seen.live_bytes = blocks_.live_bytes();
    seen.content_hash = hash.value();
    return seen;
  }

  // Stops its thread. The region reads as zero again.
  void end() noexcept {
    if (background_) {
      wanted_.fetch_or(kStopped, kRelease);
      wake(wanted_);
      mover_->join();
    }
    region_.reset(blocks_.touched_bytes());
    region_.reset_ledger();
  }

 private:
  using Held = std::unique_lock<typename S::Mutex>;

  static constexpr uint32_t kWanted = 1;
  static constexpr uint32_t kStopped = 2;
  static constexpr size_t kPassAfterShare = 8;
  static constexpr size_t kStepBytes = size_t{64} << 10;

  // Waits while a block is being moved that is unwelcome(handle). Others may call meanwhile.
  template <class Unwelcome>
  void wait_while(Held& held, Unwelcome unwelcome) noexcept {
    while (unwelcome(moving_.load(kRelaxed))) {
      if constexpr (kMoving != Moving::waited_for_under_lock) held.unlock();
      S::await(moving_, kRelaxed, [&](Handle moving) { return !unwelcome(moving); });
      if constexpr (kMoving != Moving::waited_for_under_lock) held.lock();
    }
  }
  // Until the block does not move, if it still is one then.
  Fault wait_for(Held& held, Handle handle) noexcept {
    wait_while(held, [handle](Handle moving) { return moving == handle && handle != kNoHandle; });
    return blocks_.look(handle);
  }

  template <class Ask>
  Result<uint32_t> of(Handle handle, Ask ask) noexcept {
    std::lock_guard held(lock_);
    Fault fault = blocks_.look(handle);
    if (fault != Fault::none) return fault;
    return ask();
  }
  uint32_t place_of(Handle handle) const noexcept {
    return static_cast<uint32_t>(blocks_.at(handle).data() - region_.bytes());
  }

  // Answers with the block's bytes; 0 when none was found that can move.
  size_t move_one() noexcept {
    Movable::Move move;
    {
      std::lock_guard held(lock_);
      move = blocks_.begin_move();
      moving_.store(move.handle, kRelaxed);
    }
    if (move.bytes == 0) return 0;
    move.copy();
    std::lock_guard held(lock_);
    blocks_.end_move();
    moving_.store(kNoHandle, kRelaxed);
    return move.bytes;
  }

  // What the pool's own thread does.
  void defragment() noexcept {
    while (begin_pass()) {
      for (bool done = false; !done && !is_stopped();) done = step(kStepBytes).done;
    }
  }
  bool begin_pass() noexcept {
    if ((sleep_on(wanted_) & kStopped) != 0) return false;
    wanted_.fetch_and(~kWanted, kRelaxed);
    if constexpr (kMoving == Moving::unlocked) {
      freed_bytes_ = 0;
    } else {
      std::lock_guard held(lock_);
      freed_bytes_ = 0;
    }
    return true;
  }
  bool is_stopped() noexcept { return (wanted_.load(kRelaxed) & kStopped) != 0; }

  Region& region_;
  typename S::Mutex moving_lock_;  // of who moves; taken before `lock_`
  typename S::Mutex lock_;         // of what follows
  Movable blocks_;
  typename S::template Plain<size_t> freed_bytes_{0};  // since the last pass began
  typename S::template Atomic<Handle> moving_{kNoHandle};
  bool background_;
  typename S::template Atomic<uint32_t> wanted_{0};
  std::optional<typename S::Thread> mover_;
};

}  // namespace groundhog
