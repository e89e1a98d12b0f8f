// The pools that JavaScript holds, by small numbers: a number crosses the boundary in a fifth of
// the time of a wrapped object. A pool ends when it is closed, when its ArrayBuffer is collected,
// or with the thread that opened it, whichever is first.

#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "../pool/open_pool.h"

namespace groundhog {

struct OpenPool {
  OpenPool(std::unique_ptr<Pool> opened, uint32_t index) noexcept
      : pool(std::move(opened)), way(pool->attach()), id(index) {}

  std::unique_ptr<Pool> pool;
  Way* way;
  uint32_t id;
  // The table of open pools, and the ArrayBuffer over the region.
  std::atomic<uint32_t> holders{1};
};

class OpenPools {
 public:
  static constexpr uint32_t kPoolsMax = 1 << 16;

  Result<uint32_t> open(const PoolOptions& options) noexcept {
    std::unique_ptr<Pool> pool;
    Fault fault = open_pool(shelf_, options, pool);
    if (fault != Fault::none) return fault;
    std::lock_guard held(mutex_);
    Result<uint32_t> id = unused_id();
    if (id) {
      pools_[*id].store(new OpenPool(std::move(pool), *id));
    } else {
      close_pool(shelf_, *pool);
    }
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
    open->pool->detach(open->way);
    close_pool(shelf_, *open->pool);
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
