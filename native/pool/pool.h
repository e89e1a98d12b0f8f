// A pool: guarded blocks in a region of its own.
//
// What a pool answers depends on the sequence of calls alone. Places are offsets in bytes from the
// region's start, never addresses. Whatever offset comes in, and whatever was written into the
// region, the answer is a fault at worst: sizes and links that matter lie in the ledger.

#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "../alloc/guard.h"
#include "../alloc/size_class.h"
#include "../core/hash.h"
#include "../port/real_sync.h"
#include "recorder.h"
#include "region.h"

namespace groundhog {

using Offset = uint32_t;

constexpr uint32_t kNoTag = UINT32_MAX;

struct PoolOptions {
  size_t capacity_bytes = 0;
  uint64_t secret = 0;
  bool zeroed = true;       // blocks read as zero when they are new
  bool wiped = false;       // blocks are overwritten when they are freed,
  bool wiped_later = false; // large ones by `wipe`, or when their memory is wanted
  uint32_t quarantine = 0;  // how many freed blocks are held back, to see late writes
  bool background = false;  // they are wiped by a thread of the pool's own, and another refills it
  bool recorded = false;    // keeps its last operations, for post_mortem.h
  BackingOptions backing = {};
};

struct LiveBlock {
  Offset offset;
  uint32_t bytes;
  uint32_t tag;  // kNoTag when it cannot be read any more
  bool intact;
};

// Of the live blocks of a pool, when nothing moves: a pool of movable ones has handles for offsets.
struct Seen {
  std::vector<LiveBlock> live;
  uint64_t live_bytes = 0;
  uint64_t content_hash = 0;  // of names, tags and bytes
};

// A write into a block after its free, seen when the block left the quarantine.
struct LateWrite {
  Offset offset;
  uint32_t bytes;
  uint32_t tag;
};

struct PoolStats {
  uint64_t live_bytes = 0;  // as they were asked for
  uint64_t live_blocks = 0;
};

// Where a pool's memory is in use. Offsets and sizes only, and guards count as the blocks' own.
struct MemoryMap {
  size_t cell_bytes = 0;
  std::vector<uint32_t> cells;     // bytes in use in each stretch of cell_bytes
  std::vector<uint32_t> slabs;     // by size class: how many,
  std::vector<uint64_t> in_slabs;  // and bytes in use in them
  uint64_t large_bytes = 0;        // in use outside of slabs
  size_t touched_bytes = 0;        // above lies what was never used
};

// Parts of a pool's ledger: the magazines of one way in, and the class of each slab, a byte each.
struct Workings {
  Span ledger;
  Span magazines;
  Span slab_classes;
};

// A thread's way into a pool.
class Way {
 public:
  virtual ~Way() = default;

 protected:
  Way() = default;
};

// What does not depend on how the pool is made inside.
class Pool {
 public:
  virtual ~Pool() = default;

  // Null when there are too many. The pool owns it until `detach`.
  virtual Way* attach() noexcept = 0;
  virtual void detach(Way* way) noexcept = 0;

  virtual Result<Offset> allocate(Way& way, size_t bytes, uint32_t tag) noexcept = 0;
  virtual Fault free(Way& way, uint64_t offset) noexcept = 0;
  // Many at once, in order and up to the first that is refused; they answer with how many that were.
  // What they will touch is fetched ahead.
  virtual uint32_t allocate_all(Way& way, std::span<const uint32_t> sizes, uint32_t tag,
                                Offset* offsets) noexcept = 0;
  virtual uint32_t free_all(Way& way, std::span<const Offset> offsets) noexcept = 0;
  // Wipes what was freed by this way and not wiped yet, the oldest first, until it has done so many
  // bytes or more. How many it did.
  virtual size_t wipe(Way& way, size_t bytes_max) noexcept = 0;
  // The size of a live block, as it was asked for.
  virtual Result<uint32_t> block_bytes(uint64_t offset) noexcept = 0;
  virtual Result<uint32_t> block_tag(uint64_t offset) noexcept = 0;

  // For who works on the magazines of a way in, in the same thread; empty spans when blocks need
  // more care at a free than that, or the pool is too small to gain by it.
  virtual Workings workings(Way& way) noexcept = 0;
  const Guard& guard() const noexcept { return guard_; }

  // All live blocks in the order of their offsets. While nothing moves, as all below.
  virtual std::vector<LiveBlock> live_blocks() noexcept = 0;
  virtual PoolStats stats() noexcept = 0;
  virtual std::vector<LateWrite> take_late_writes() noexcept = 0;
  // In so many cells. It costs a look at each slab and large block, not at each small one.
  virtual MemoryMap map(uint32_t cells) noexcept = 0;
  // Of each 64th, how many tenths are in use, as `map` has it but for what lies in magazines.
  // Allocates nothing and takes no lock; while something moves it may be wrong.
  static constexpr uint32_t kSketchCells = 64;
  virtual void sketch(uint8_t (&tenths)[kSketchCells]) noexcept = 0;
  const Recorder& recorder() const noexcept { return recorder_; }
  bool is_recorded() const noexcept { return options_.recorded; }
  // The region, as it was when the pool was made on it.
  virtual Region end() noexcept = 0;

  // Of the live blocks: where they are, their tags and their bytes.
  uint64_t content_hash() noexcept {
    Hash hash;
    for (const LiveBlock& block : live_blocks()) {
      hash.add(uint64_t{block.offset} << 32 | block.tag);
      hash.add(bytes() + block.offset, block.bytes);
    }
    return hash.value();
  }

  std::byte* bytes() const noexcept { return region_.bytes(); }
  size_t capacity_bytes() const noexcept { return region_.capacity_bytes(); }
  const Backing& backing() const noexcept { return region_.backing(); }

 protected:
  Pool(Region region, const PoolOptions& options) noexcept
      : region_(std::move(region)), options_(options), guard_(options.secret) {}

  Region region_;
  PoolOptions options_;
  Guard guard_;
  Recorder recorder_;
};

}  // namespace groundhog
