// A region is what a pool stands on: its bytes, and behind them the ledger of its allocator, in one
// mapping. Regions outlive pools: the shelf keeps the given-back ones for the next pool of that
// capacity, because a simulation opens and drops pools by the thousand and a mapping costs more
// than a small pool's whole life. What comes off the shelf reads as zero, like a fresh mapping.

#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "../alloc/best_fit.h"
#include "../core/units.h"
#include "../port/pages.h"

namespace groundhog {

class Region {
 public:
  Region() = default;
  // An empty region when the kernel has no address space left.
  explicit Region(size_t capacity_bytes) noexcept
      : capacity_bytes_(capacity_bytes),
        mapping_(AnonymousPages::reserve(capacity_bytes + ledger_bytes())),
        blocks_(mapping_.start + capacity_bytes, static_cast<Unit>(capacity_bytes / kUnitBytes)) {}

  Region(Region&& from) noexcept
      : capacity_bytes_(from.capacity_bytes_),
        mapping_(std::exchange(from.mapping_, {})),
        blocks_(from.blocks_) {}
  Region& operator=(Region&& from) noexcept {
    std::swap(capacity_bytes_, from.capacity_bytes_);
    std::swap(mapping_, from.mapping_);
    std::swap(blocks_, from.blocks_);
    return *this;
  }
  ~Region() {
    if (exists()) AnonymousPages::release(mapping_);
  }

  bool exists() const noexcept { return mapping_.start != nullptr; }
  std::byte* bytes() const noexcept { return mapping_.start; }
  size_t capacity_bytes() const noexcept { return capacity_bytes_; }
  size_t touched_bytes() const noexcept { return size_t{blocks_.high_water()} * kUnitBytes; }
  BestFit& blocks() noexcept { return blocks_; }
  const BestFit& blocks() const noexcept { return blocks_; }

  // Zeroes what was touched: small amounts by hand, since a page given back costs a fault later.
  void reset() noexcept {
    size_t touched = round_up(touched_bytes(), kPageBytes);
    if (touched <= kZeroedByHandMax) {
      std::memset(mapping_.start, 0, touched);
    } else {
      AnonymousPages::forget({mapping_.start, touched});
    }
    blocks_.reset();
  }

 private:
  static constexpr size_t kZeroedByHandMax = size_t{1} << 20;

  size_t ledger_bytes() const noexcept {
    return BestFit::ledger_bytes(capacity_bytes_ / kUnitBytes);
  }

  size_t capacity_bytes_ = 0;
  Span mapping_;
  BestFit blocks_;
};

class Shelf {
 public:
  // An empty region when there is no memory.
  Region take(size_t capacity_bytes) noexcept {
    {
      std::lock_guard held(mutex_);
      for (size_t at = regions_.size(); at-- > 0;) {
        if (regions_[at].capacity_bytes() != capacity_bytes) continue;
        std::swap(regions_[at], regions_.back());
        Region region = std::move(regions_.back());
        regions_.pop_back();
        return region;
      }
    }
    return Region(capacity_bytes);
  }

  void put(Region region) noexcept {
    region.reset();
    std::lock_guard held(mutex_);
    if (regions_.size() < kRegionsMax) regions_.push_back(std::move(region));
  }

 private:
  // What stays resident of a shelved region is at most 1 MiB of bytes and its part of the ledger.
  static constexpr size_t kRegionsMax = 64;

  std::mutex mutex_;
  std::vector<Region> regions_;
};

}  // namespace groundhog
