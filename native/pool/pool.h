// A pool: blocks of one region, each with its size, its tag and its canaries.
//
// What a pool answers depends on the sequence of calls alone. Places are offsets in bytes from the
// region's start, never addresses.

#pragma once

#include "../alloc/canary.h"
#include "../core/hash.h"
#include "region.h"

namespace groundhog {

using Offset = uint32_t;

struct PoolOptions {
  size_t capacity_bytes;
  uint64_t secret;
};

struct Leak {
  Offset offset;
  uint32_t bytes;
  uint32_t tag;
  bool intact;
};

class Pool {
 public:
  static constexpr size_t kCapacityBytesMax = size_t{1} << 30;

  Pool(Region region, uint64_t secret) noexcept : region_(std::move(region)), canary_(secret) {}

  std::byte* bytes() const noexcept { return region_.bytes(); }
  size_t capacity_bytes() const noexcept { return region_.capacity_bytes(); }
  const BestFit& blocks() const noexcept { return region_.blocks(); }
  Region take_region() noexcept { return std::move(region_); }

  // The offset of `bytes` zeroed bytes.
  Result<Offset> allocate(size_t bytes, uint32_t tag) noexcept {
    if (bytes == 0 || bytes > capacity_bytes()) return Fault::invalid_size;
    size_t touched = region_.touched_bytes();
    Unit units = static_cast<Unit>(Canary::units_around(bytes));
    Result<Unit> first = region_.blocks().take(units, static_cast<uint32_t>(bytes), tag);
    if (!first) return first.fault();
    std::byte* block = at(*first);
    size_t start = size_t{*first} * kUnitBytes;
    size_t used_before = start < touched ? touched - start : 0;  // the rest is zero since its birth
    size_t zeroed = Canary::kFrontBytes + bytes;
    std::memset(block, 0, zeroed < used_before ? zeroed : used_before);
    canary_.set(block, bytes, units);
    return static_cast<Offset>(start + Canary::kFrontBytes);
  }

  // A block whose canaries are broken stays live, so that the report at close shows it.
  Fault free(uint64_t offset) noexcept {
    Result<const BestFit::Block*> block = find(offset);
    if (!block) return block.fault();
    if (!intact(**block)) return Fault::corrupt;
    return region_.blocks().give((*block)->first);
  }

  Result<uint32_t> block_bytes(uint64_t offset) const noexcept {
    Result<const BestFit::Block*> block = find(offset);
    if (!block) return block.fault();
    return (*block)->bytes;
  }

  // Calls visit(leak) for each live block, in the order of offsets.
  template <class Visit>
  void each_live(Visit visit) const noexcept {
    blocks().each([&](const BestFit::Block& block) {
      if (block.live) visit(Leak{offset_of(block), block.bytes, block.tag, intact(block)});
    });
  }

  // Of the live blocks: where they are, their tags and their bytes.
  uint64_t content_hash() const noexcept {
    Hash hash;
    blocks().each([&](const BestFit::Block& block) {
      if (!block.live) return;
      hash.add(uint64_t{offset_of(block)} << 32 | block.tag);
      hash.add(bytes() + offset_of(block), block.bytes);
    });
    return hash.value();
  }

 private:
  std::byte* at(Unit unit) const noexcept { return bytes() + size_t{unit} * kUnitBytes; }

  static Offset offset_of(const BestFit::Block& block) noexcept {
    return static_cast<Offset>(block.first * kUnitBytes + Canary::kFrontBytes);
  }

  Result<const BestFit::Block*> find(uint64_t offset) const noexcept {
    if (offset < Canary::kFrontBytes || offset >= capacity_bytes() || offset % kUnitBytes != 0) {
      return Fault::invalid_offset;
    }
    return blocks().find(static_cast<Unit>((offset - Canary::kFrontBytes) / kUnitBytes));
  }

  bool intact(const BestFit::Block& block) const noexcept {
    return canary_.intact(at(block.first), block.bytes, block.units);
  }

  Region region_;
  Canary canary_;
};

}  // namespace groundhog
