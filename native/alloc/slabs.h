// A slab is a run of memory that holds blocks of one class. Its bookkeeping lies apart from it, in
// two sets of bits, one bit for each block:
//
//   local    the blocks that are free; only the owner looks at it
//   remote   the blocks that other threads have freed since the owner last looked
//
// The owner is a cache. Who frees blocks of somebody else's slab sets their bits in `remote`, all
// that share a word at once, and then posts the slab, unless it is posted already: puts it on the
// owner's list of slabs to look at.
//
// No notice is lost: the freeing thread sets the bits and then looks at `posted`; the owner clears
// `posted` and then looks at the bits. All four are seq_cst, so one of the two sees the other. From
// `posted` going to 1 until the owner clears it the slab is on one list and no other, even if it
// changes hands meanwhile: a cache that finds a slab that is not its own passes it on.
//
// Small classes have up to 4,096 blocks a slab, most have far fewer. The bits lie in planes, so
// that those few are all that is touched: plane p has words 16 p to 16 p + 15 of every slab.

#pragma once

#include <cstring>
#include <new>

#include "../port/kernel.h"
#include "../port/sync.h"
#include "size_class.h"

namespace groundhog {

using SlabIndex = uint32_t;
// From 1; 0 is nobody.
using CacheNumber = uint32_t;

constexpr SlabIndex kNoSlab = UINT32_MAX;
template <Sync S>
struct Slab {
  typename S::template Atomic<CacheNumber> owner{0};
  typename S::template Atomic<uint32_t> posted{0};
  typename S::template Plain<SlabIndex> next_posted{kNoSlab};
  // The owner's: its list of slabs with free blocks, and how many there are here.
  typename S::template Plain<SlabIndex> next{kNoSlab};
  typename S::template Plain<SlabIndex> previous{kNoSlab};
  typename S::template Plain<uint32_t> free{0};
  // The first word of `local` that may have a bit.
  typename S::template Plain<uint32_t> first{0};
  typename S::template Plain<SizeClass> size{SizeClass{0}};
};

template <Sync S, class Shape>
class Slabs {
 public:
  static constexpr uint32_t kSmallClasses = class_of_units(Shape::kSmallUnitsMax) + 1;

  static constexpr uint32_t blocks_of(SizeClass size) noexcept {
    return Shape::kSlabUnits / units_of(size);
  }
  static constexpr uint32_t words_of(SizeClass size) noexcept {
    return (blocks_of(size) + 63) / 64;
  }

  // Where a block is in its slab: its unit there divided by the units of its class.
  static uint32_t place_of(Unit unit_in_slab, SizeClass size) noexcept {
    return static_cast<uint32_t>(uint64_t{unit_in_slab} * kReciprocals[size] >> kReciprocalShift);
  }

  static constexpr size_t ledger_bytes(uint32_t count) noexcept {
    return headers_bytes(count) + 2 * bits_bytes(count) + kinds_bytes(count);
  }

  // `ledger` is zeroed memory: only what is used is touched.
  Slabs(std::byte* ledger, uint32_t count) noexcept
      : count_(count),
        headers_(reinterpret_cast<Slab<S>*>(ledger)),
        local_(reinterpret_cast<Local*>(ledger += headers_bytes(count))),
        remote_(reinterpret_cast<Remote*>(ledger += bits_bytes(count))),
        kinds_(reinterpret_cast<Kind*>(ledger + bits_bytes(count))) {
    static_assert(reciprocals_are_exact());
  }

  uint32_t count() const noexcept { return count_; }
  Slab<S>& operator[](SlabIndex index) noexcept { return headers_[index]; }

  // The class of a slab's blocks; 0 when there is no slab.
  SizeClass kind_of(SlabIndex index) const noexcept {
    if (S::kSimulated && index >= made_) return 0;
    return kinds_[index].load(kRelaxed);
  }
  void set_kind(SlabIndex index, SizeClass size) noexcept { kinds_[index].store(size, kRelaxed); }

  Span kinds() noexcept { return {reinterpret_cast<std::byte*>(kinds_), count_ * sizeof(Kind)}; }

  void reset(uint32_t used) noexcept {
    if constexpr (!S::kSimulated) {
      used = used < count_ ? used : count_;
      std::memset(static_cast<void*>(headers_), 0, used * sizeof(Slab<S>));
      std::memset(static_cast<void*>(kinds_), 0, used * sizeof(Kind));
    }
  }

  // Every block is free. Slabs are formatted under a lock. `remote` is cleared too, of what wrong
  // frees may have left.
  void format(SlabIndex index, SizeClass size) noexcept {
    if constexpr (S::kSimulated) make_objects(index);
    Slab<S>& slab = headers_[index];
    uint32_t blocks = blocks_of(size);
    slab.size = size;
    slab.free = blocks;
    slab.first = 0;
    for (uint32_t word = 0; word < words_of(size); ++word) {
      uint32_t bits = blocks - word * 64;
      local(index, word) = bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
      remote(index, word).exchange(0, kRelaxed);
    }
  }

  bool is_full(SlabIndex index) noexcept { return headers_[index].free == 0; }
  bool is_empty(SlabIndex index) noexcept {
    Slab<S>& slab = headers_[index];
    return slab.free == blocks_of(slab.size);
  }

  // Takes up to `count` free blocks, the first ones; answers with how many, and their places.
  uint32_t take(SlabIndex index, uint32_t* places, uint32_t count) noexcept {
    Slab<S>& slab = headers_[index];
    uint32_t words = words_of(slab.size);
    uint32_t taken = 0;
    uint32_t word = slab.first;
    while (taken < count && word < words) {
      uint64_t bits = local(index, word);
      while (bits != 0 && taken < count) {
        places[taken++] = word * 64 + static_cast<uint32_t>(__builtin_ctzll(bits));
        bits &= bits - 1;
      }
      local(index, word) = bits;
      if (bits == 0) ++word;
    }
    slab.first = word;
    slab.free = slab.free - taken;
    return taken;
  }

  // Whether the block was taken.
  bool give(SlabIndex index, uint32_t place) noexcept {
    Slab<S>& slab = headers_[index];
    uint32_t word = place / 64;
    uint64_t bits = local(index, word);
    uint64_t bit = uint64_t{1} << place % 64;
    if ((bits & bit) != 0) return false;
    local(index, word) = bits | bit;
    if (word < slab.first) slab.first = word;
    slab.free = slab.free + 1;
    return true;
  }

  // From a thread that is not the owner: whether the slab is now to be posted.
  bool give_remote(SlabIndex index, uint32_t word, uint64_t bits) noexcept {
    Slab<S>& slab = headers_[index];
    remote(index, word).fetch_or(bits, kSeqCst);
    return slab.posted.load(kSeqCst) == 0 && slab.posted.exchange(1, kSeqCst) == 0;
  }

  // Moves what others have freed into `local`.
  void collect(SlabIndex index) noexcept {
    Slab<S>& slab = headers_[index];
    uint32_t count = 0;
    for (uint32_t word = 0; word < words_of(slab.size); ++word) {
      if (remote(index, word).load(kSeqCst) == 0) continue;
      uint64_t freed = remote(index, word).exchange(0, kSeqCst);
      uint64_t bits = local(index, word);
      count += static_cast<uint32_t>(__builtin_popcountll(freed & ~bits));
      local(index, word) = bits | freed;
      if (word < slab.first) slab.first = word;
    }
    slab.free = slab.free + count;
  }

  // Whether `free` is the number of bits, and no block was freed twice.
  bool counts(SlabIndex index) noexcept {
    Slab<S>& slab = headers_[index];
    uint32_t count = 0;
    for (uint32_t word = 0; word < words_of(slab.size); ++word) {
      uint64_t bits = local(index, word);
      if ((bits & remote(index, word).load(kRelaxed)) != 0) return false;
      if (bits != 0 && word < slab.first) return false;
      count += static_cast<uint32_t>(__builtin_popcountll(bits));
    }
    return count == slab.free;
  }

  bool has_remote(SlabIndex index) noexcept {
    for (uint32_t word = 0; word < words_of(headers_[index].size); ++word) {
      if (remote(index, word).load(kRelaxed) != 0) return true;
    }
    return false;
  }

  // How many are free, freed by others included; for reports, while nothing moves.
  uint32_t free_blocks(SlabIndex index) noexcept {
    uint32_t count = 0;
    for (uint32_t word = 0; word < words_of(headers_[index].size); ++word) {
      uint64_t bits = local(index, word) | remote(index, word).load(kRelaxed);
      count += static_cast<uint32_t>(__builtin_popcountll(bits));
    }
    return count;
  }

  // Whether a block is free, as far as the owner knows; for reports, while nothing moves.
  bool is_free(SlabIndex index, uint32_t place) noexcept {
    uint64_t bits = local(index, place / 64) | remote(index, place / 64).load(kRelaxed);
    return (bits >> place % 64 & 1) != 0;
  }

 private:
  using Local = typename S::template Plain<uint64_t>;
  using Remote = typename S::template Atomic<uint64_t>;
  using Kind = typename S::template Atomic<SizeClass>;

  static constexpr uint32_t kWords = (Shape::kSlabUnits + 63) / 64;
  static constexpr uint32_t kWordsOfPlane = kWords < 16 ? kWords : 16;
  static constexpr uint32_t kPlanes = (kWords + kWordsOfPlane - 1) / kWordsOfPlane;

  static constexpr uint32_t kReciprocalShift = 24;
  static constexpr auto kReciprocals = [] {
    std::array<uint32_t, kSmallClasses> result{};
    for (uint32_t size = 1; size < kSmallClasses; ++size) {
      result[size] = (1u << kReciprocalShift) / units_of(static_cast<SizeClass>(size)) + 1;
    }
    return result;
  }();
  static constexpr bool reciprocals_are_exact() {
    for (uint32_t size = 1; size < kSmallClasses; ++size) {
      uint32_t units = units_of(static_cast<SizeClass>(size));
      // A quotient of exact products is exact between them too: its ends are enough.
      for (uint32_t at = 0; at < Shape::kSlabUnits; at += units) {
        uint32_t last = at + units - 1;
        if (uint64_t{at} * kReciprocals[size] >> kReciprocalShift != at / units) return false;
        if (uint64_t{last} * kReciprocals[size] >> kReciprocalShift != at / units) return false;
      }
    }
    return true;
  }

  static constexpr size_t headers_bytes(uint32_t count) noexcept {
    return round_up(count * sizeof(Slab<S>), 64);
  }
  static constexpr size_t bits_bytes(uint32_t count) noexcept {
    return size_t{count} * kPlanes * kWordsOfPlane * (sizeof(Local) > 8 ? 64 : 8);
  }
  static constexpr size_t kinds_bytes(uint32_t count) noexcept {
    return round_up(count * sizeof(Kind), 64);
  }

  size_t at(SlabIndex index, uint32_t word) const noexcept {
    size_t plane = word / kWordsOfPlane;
    return (plane * count_ + index) * kWordsOfPlane + word % kWordsOfPlane;
  }
  Local& local(SlabIndex index, uint32_t word) noexcept { return local_[at(index, word)]; }
  Remote& remote(SlabIndex index, uint32_t word) noexcept { return remote_[at(index, word)]; }

  // Simulated words are objects. Those of all slabs up to this one are made.
  void make_objects(SlabIndex last) {
    for (; made_ <= last; ++made_) {
      new (headers_ + made_) Slab<S>;
      new (kinds_ + made_) Kind(SizeClass{0});
      for (uint32_t word = 0; word < kPlanes * kWordsOfPlane; ++word) {
        new (&local(made_, word)) Local(0);
        new (&remote(made_, word)) Remote(0);
      }
    }
  }

  uint32_t count_;
  SlabIndex made_ = 0;  // of simulated ones
  Slab<S>* headers_;
  Local* local_;
  Remote* remote_;
  Kind* kinds_;
};

}  // namespace groundhog
