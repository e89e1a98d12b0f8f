// Committed blocks in a file, which stay there: a store that is killed at any moment comes back with
// every committed block whole, and nothing else.
//
//   page 0:  magic | version | capacity | check
//   block:   front, 32 bytes: id | sequence | grains | bytes | tag | check of front and bytes
//            the user's bytes, to a multiple of 64
//
// - A block is written in three steps: the bytes, then the front without its mark, then the mark, one
//   word, which commits it. A kill keeps the stores of a process in their order; `sync` does for a
//   loss of power what order does for a kill: the bytes are on the disk before the mark is.
// - A front is believed when its mark, its place and the check over front and bytes agree, so a torn
//   block is as if it had never been. Freeing takes the mark away, again one word.
// - An id is for ever: the same in every life of the file. Moving a block commits a copy with the next
//   sequence number and then frees the old one; after a kill between the two the newer one counts.
// - The ledger is made anew when the file is opened, from what is found.
//
// It belongs to one thread at a time.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#include "../alloc/best_fit.h"
#include "../core/hash.h"
#include "region.h"

namespace groundhog {

using BlockId = uint32_t;

class Store {
 public:
  static constexpr size_t kGrainBytes = 64;

  // Opens or makes the file. `corrupt` when it is not a store, or one of another capacity.
  static Fault open(Kernel& kernel, const char* path, size_t capacity_bytes, Store& made) noexcept {
    if (capacity_bytes < 2 * kPageBytes || capacity_bytes > size_t{4} << 30) {
      return Fault::invalid_size;
    }
    capacity_bytes = round_up(capacity_bytes, kPageBytes);
    Region region;
    BackingOptions options{.kind = BackingOptions::Kind::file, .path = path};
    size_t ledger_bytes = BestFit::ledger_bytes(grains_of(capacity_bytes));
    Fault fault = Region::open(kernel, options, capacity_bytes, ledger_bytes, region);
    if (fault != Fault::none) return fault;
    made.region_ = std::move(region);
    made.blocks_ = BestFit(made.region_.ledger(), grains_of(capacity_bytes));
    made.found_.clear();
    made.next_id_ = 1;
    fault = made.check_header();
    return fault == Fault::none ? made.recover() : fault;
  }

  // Writes and commits a block.
  Result<BlockId> put(std::span<const std::byte> bytes, uint32_t tag) noexcept {
    Result<Grain> place = write(next_id_, 1, bytes, tag);
    if (!place) return place.fault();
    found_[next_id_] = *place;
    return next_id_++;
  }

  // The committed bytes. What is written there is not committed: use `replace`.
  Result<std::span<const std::byte>> get(BlockId id) const noexcept {
    auto found = found_.find(id);
    if (found == found_.end()) return Fault::invalid_offset;
    return std::span<const std::byte>{place_of(found->second) + sizeof(Front),
                                      front_at(found->second).bytes};
  }

  // Other bytes under the same id: the old ones are there until the new ones are committed.
  Fault replace(BlockId id, std::span<const std::byte> bytes) noexcept {
    auto found = found_.find(id);
    if (found == found_.end()) return Fault::invalid_offset;
    const Front& old = front_at(found->second);
    Result<Grain> place = write(id, old.sequence + 1, bytes, old.tag);
    if (!place) return place.fault();
    erase(found->second);
    found->second = *place;
    return Fault::none;
  }

  Fault free(BlockId id) noexcept {
    auto found = found_.find(id);
    if (found == found_.end()) return Fault::invalid_offset;
    erase(found->second);
    found_.erase(found);
    return Fault::none;
  }

  // Moves the last block into a hole before it, if one is large enough. Whether it moved.
  bool move_last() noexcept {
    BestFit::Block last = blocks_.last_before(blocks_.top());
    if (last.grains == 0) return false;
    Result<Grain> to = blocks_.take_below(last.grains, last.first);
    if (!to) return false;
    Front front = front_at(last.first);
    front.sequence += 1;
    commit(*to, front, place_of(last.first) + sizeof(Front));
    erase(last.first);
    found_[front.id] = *to;
    return true;
  }

  // From now on also a loss of power keeps what was committed with it on.
  void set_durable(bool durable) noexcept { durable_ = durable; }

  std::vector<BlockId> ids() const {
    std::vector<BlockId> result;
    for (const auto& [id, place] : found_) result.push_back(id);
    return result;
  }
  // Blocks that were found torn or doubled when the file was opened.
  uint32_t dropped() const noexcept { return dropped_; }
  size_t top_bytes() const noexcept { return size_t{blocks_.top()} * kGrainBytes; }
  bool holds() const noexcept { return blocks_.holds(); }

 private:
  static constexpr uint64_t kMagic = 0x474f48444e554f52;
  static constexpr uint32_t kVersion = 1;
  static constexpr uint32_t kMark = 0xdeadbeef;
  static constexpr Grain kFirstGrain = kPageBytes / kGrainBytes;

  struct Header {
    uint64_t magic;
    uint64_t capacity_bytes;
    uint32_t version;
    uint32_t check;
  };
  struct Front {
    uint32_t mark;
    BlockId id;
    uint32_t sequence;
    uint32_t grains;
    uint32_t bytes;
    uint32_t tag;
    uint64_t check;
  };
  static_assert(sizeof(Front) == 32);

  static constexpr Grain grains_of(size_t bytes) noexcept {
    return static_cast<Grain>(bytes / kGrainBytes);
  }
  std::byte* place_of(Grain first) const noexcept {
    return region_.bytes() + size_t{first} * kGrainBytes;
  }
  Front& front_at(Grain first) const noexcept {
    return *reinterpret_cast<Front*>(place_of(first));
  }

  static uint64_t check_of(Grain first, const Front& front, const std::byte* bytes) noexcept {
    Hash hash;
    hash.add(uint64_t{first} << 32 | front.id);
    hash.add(uint64_t{front.sequence} << 32 | front.grains);
    hash.add(uint64_t{front.bytes} << 32 | front.tag);
    hash.add(bytes, front.bytes);
    return hash.value();
  }

  static uint32_t check_of(const Header& header) noexcept {
    Hash hash;
    hash.add(header.magic);
    hash.add(header.capacity_bytes);
    hash.add(header.version);
    return static_cast<uint32_t>(hash.value());
  }

  Fault check_header() noexcept {
    Header expected{kMagic, region_.capacity_bytes(), kVersion, 0};
    expected.check = check_of(expected);
    Header& header = *reinterpret_cast<Header*>(region_.bytes());
    static constexpr Header kEmpty{};
    // A new file, or one whose maker was killed before it had written anything else.
    bool is_new = std::memcmp(&header, &kEmpty, sizeof(Header)) == 0;
    if (is_new) {
      header.capacity_bytes = expected.capacity_bytes;
      header.version = expected.version;
      header.check = expected.check;
      std::atomic_signal_fence(std::memory_order_seq_cst);
      header.magic = kMagic;
      return Fault::none;
    }
    if (header.magic == 0 && header.capacity_bytes == expected.capacity_bytes) {
      header = expected;  // killed in the middle of the header
      return Fault::none;
    }
    return std::memcmp(&header, &expected, sizeof(Header)) == 0 ? Fault::none : Fault::corrupt;
  }

  Fault recover() noexcept {
    std::map<BlockId, std::vector<Grain>> places;
    for (Grain at = kFirstGrain; at < blocks_.limit();) {
      const Front& front = front_at(at);
      bool plausible = front.mark == kMark && front.grains > 0 &&
                       front.grains <= blocks_.limit() - at &&
                       front.bytes <= size_t{front.grains} * kGrainBytes - sizeof(Front);
      if (front.mark == kMark &&
          (!plausible || front.check != check_of(at, front, place_of(at) + sizeof(Front)))) {
        ++dropped_;
        front_at(at).mark = 0;
        plausible = false;
      }
      if (!plausible) {
        ++at;
        continue;
      }
      places[front.id].push_back(at);
      at += front.grains;
    }
    std::vector<Grain> kept;
    for (auto& [id, all] : places) {
      Grain best = *std::max_element(all.begin(), all.end(), [&](Grain a, Grain b) {
        return front_at(a).sequence < front_at(b).sequence;
      });
      for (Grain place : all) {
        if (place == best) continue;
        front_at(place).mark = 0;
        ++dropped_;
      }
      kept.push_back(best);
      found_[id] = best;
      next_id_ = std::max(next_id_, id + 1);
    }
    std::sort(kept.begin(), kept.end());
    Fault fault = blocks_.restore(0, kFirstGrain);  // the header
    for (Grain place : kept) {
      if (fault == Fault::none) fault = blocks_.restore(place, front_at(place).grains);
    }
    return fault;
  }

  Result<Grain> write(BlockId id, uint32_t sequence, std::span<const std::byte> bytes,
                      uint32_t tag) noexcept {
    size_t grains = (sizeof(Front) + bytes.size() + kGrainBytes - 1) / kGrainBytes;
    if (bytes.empty() || grains > blocks_.limit()) return Fault::invalid_size;
    Result<Grain> place = blocks_.take(static_cast<Grain>(grains));
    if (!place) return place;
    Front front{0, id, sequence, static_cast<uint32_t>(grains), static_cast<uint32_t>(bytes.size()),
                tag, 0};
    commit(*place, front, bytes.data());
    return place;
  }

  void commit(Grain place, Front front, const std::byte* bytes) noexcept {
    front.mark = 0;
    front.check = check_of(place, front, bytes);
    // Marks of blocks that lay here before are gone; what the user's bytes look like is no matter,
    // since whoever looks for fronts steps over whole blocks.
    std::memcpy(place_of(place), &front, sizeof(Front));
    std::memcpy(place_of(place) + sizeof(Front), bytes, front.bytes);
    sync(place, front.grains);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    reinterpret_cast<std::atomic<uint32_t>&>(front_at(place).mark)
        .store(kMark, std::memory_order_release);
    sync(place, 1);
  }

  // The mark first: the place may be given out again from then on. The bytes are wiped, since what
  // looks like a front in them would be found once no block covers them.
  void erase(Grain place) noexcept {
    Grain grains = front_at(place).grains;
    reinterpret_cast<std::atomic<uint32_t>&>(front_at(place).mark)
        .store(0, std::memory_order_release);
    sync(place, 1);
    for (Grain at = 1; at < grains; ++at) std::memset(place_of(place + at), 0, sizeof(uint32_t));
    sync(place, grains);
    blocks_.give(place);
  }

  void sync(Grain place, Grain grains) noexcept {
    if (!durable_) return;
    size_t from = size_t{place} * kGrainBytes / kPageBytes * kPageBytes;
    size_t to = round_up((size_t{place} + grains) * kGrainBytes, kPageBytes);
    region_.backing().kernel().sync({region_.bytes() + from, to - from});
  }

  Region region_;
  BestFit blocks_;
  std::map<BlockId, Grain> found_;
  BlockId next_id_ = 1;
  uint32_t dropped_ = 0;
  bool durable_ = false;
};

}  // namespace groundhog
