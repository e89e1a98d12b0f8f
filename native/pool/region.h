// A region is what a pool stands on: its bytes, and the ledger of its allocator apart from them.
//
// Regions outlive pools: the shelf keeps the given-back ones for the next pool of that capacity,
// because a simulation opens and drops pools by the thousand, and a mapping costs more than a small
// pool's whole life. What comes off the shelf reads as zero, like a fresh mapping.

#pragma once

#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "../port/backing.h"

namespace groundhog {

class Region {
 public:
  static constexpr size_t kCapacityBytesMax = size_t{4} << 30;

  Region() = default;

  static Fault open(Kernel& kernel, const BackingOptions& options, size_t capacity_bytes,
                    size_t ledger_bytes, Region& made) noexcept {
    Fault fault = Backing::open(kernel, options, capacity_bytes, made.bytes_);
    if (fault != Fault::none) return fault;
    made.capacity_bytes_ = capacity_bytes;
    return Backing::open(kernel, {}, round_up(ledger_bytes, kPageBytes), made.ledger_);
  }

  std::byte* bytes() const noexcept { return bytes_.span().start; }
  std::byte* ledger() const noexcept { return ledger_.span().start; }
  size_t capacity_bytes() const noexcept { return capacity_bytes_; }
  size_t ledger_bytes() const noexcept { return ledger_.span().bytes; }
  Backing& backing() noexcept { return bytes_; }
  const Backing& backing() const noexcept { return bytes_; }

  // Zeroes all of the ledger.
  void reset_ledger() noexcept {
    if (ledger_bytes() <= kZeroedByHandMax) {
      std::memset(ledger(), 0, ledger_bytes());
    } else {
      ledger_.forget(0, ledger_bytes());
    }
  }

  // Zeroes what was touched of the bytes: a little by hand, since a page given back costs a fault
  // later.
  void reset(size_t touched_bytes) noexcept {
    size_t touched = round_up(touched_bytes, kPageBytes);
    if (touched <= kZeroedByHandMax) {
      std::memset(bytes(), 0, touched);
    } else {
      bytes_.forget(0, touched);
    }
  }

 private:
  static constexpr size_t kZeroedByHandMax = size_t{1} << 20;

  size_t capacity_bytes_ = 0;
  Backing bytes_;
  Backing ledger_;
};

// Plain regions that wait for another pool, with bytes and ledger zeroed.
class Shelf {
 public:
  Fault take(size_t capacity_bytes, size_t ledger_bytes, Region& taken) noexcept {
    {
      std::lock_guard held(mutex_);
      for (size_t at = regions_.size(); at-- > 0;) {
        if (regions_[at].capacity_bytes() != capacity_bytes) continue;
        if (regions_[at].ledger_bytes() != round_up(ledger_bytes, kPageBytes)) continue;
        std::swap(regions_[at], regions_.back());
        taken = std::move(regions_.back());
        regions_.pop_back();
        return Fault::none;
      }
    }
    return Region::open(real_kernel(), {}, capacity_bytes, ledger_bytes, taken);
  }

  void put(Region region) noexcept {
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
