// The pools that JavaScript holds, by small numbers: a number crosses the boundary in a fifth of the
// time of a wrapped object. A pool ends when it is closed, when its ArrayBuffer is collected, or
// with the thread that opened it, whichever is first.

#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "../pool/pool.h"

namespace groundhog {

struct OpenPool {
  OpenPool(Region region, uint64_t secret, uint32_t index) noexcept
      : pool(std::move(region), secret), id(index) {}

  Pool pool;
  uint32_t id;
  // The ArrayBuffer over the region and the open pool itself.
  std::atomic<uint32_t> holders{1};
};

class OpenPools {
 public:
  static constexpr uint32_t kPoolsMax = 1 << 16;

  Result<uint32_t> open(PoolOptions options) noexcept {
    if (options.capacity_bytes == 0 || options.capacity_bytes > Pool::kCapacityBytesMax) {
      return Fault::invalid_size;
    }
    Region region = shelf_.take(round_up(options.capacity_bytes, kPageBytes));
    if (!region.exists()) return Fault::out_of_memory;
    std::lock_guard held(mutex_);
    Result<uint32_t> id = unused_id();
    if (!id) {
      shelf_.put(std::move(region));
      return id;
    }
    pools_[*id].store(new OpenPool(std::move(region), options.secret, *id));
    return id;
  }

  // Null when there is no such pool.
  OpenPool* find(double id) noexcept {
    if (!(id >= 0 && id < kPoolsMax)) return nullptr;
    return pools_[static_cast<uint32_t>(id)].load(std::memory_order_acquire);
  }

  void close(OpenPool* open) noexcept {
    OpenPool* expected = open;
    if (!pools_[open->id].compare_exchange_strong(expected, nullptr)) return;
    shelf_.put(open->pool.take_region());
    {
      std::lock_guard held(mutex_);
      spare_ids_.push_back(open->id);
    }
    let_go(open);
  }

  static void hold(OpenPool* open) noexcept { open->holders.fetch_add(1); }
  static void let_go(OpenPool* open) noexcept {
    if (open->holders.fetch_sub(1) == 1) delete open;
  }

 private:
  Result<uint32_t> unused_id() noexcept {
    if (!spare_ids_.empty()) {
      uint32_t id = spare_ids_.back();
      spare_ids_.pop_back();
      return id;
    }
    if (ids_used_ == kPoolsMax) return Fault::out_of_memory;
    return ids_used_++;
  }

  Shelf shelf_;
  std::mutex mutex_;
  std::vector<uint32_t> spare_ids_;
  uint32_t ids_used_ = 0;
  std::array<std::atomic<OpenPool*>, kPoolsMax> pools_{};
};

}  // namespace groundhog
