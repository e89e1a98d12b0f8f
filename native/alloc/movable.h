// Blocks that may be moved, known by handles. Defragmentation moves them down over the holes, a
// little at a time, and gives the memory behind the last one back to the system.
//
//   handle:  | generation | index |     index -> place, bytes, tag, pins
//
//   before   [ a ][   hole   ][ b ][ pinned ][ hole ][ c ]
//   after    [ a ][ b ][ hole ][ pinned ][ c ]
//
// - A handle stays valid until its block is freed; then its index gets another generation, and the
//   old handle is refused.
// - Blocks keep their order, and never move up. Pinned ones stay, and holes before them remain until
//   something fits there.
// - A move has two ends. In between somebody else may copy the bytes, and the block may be neither
//   freed nor pinned; its hole is taken, so all else may go on: blocks come and go around it.
// - Each step moves at most so many bytes, or gives back at most so much, and the state between two
//   steps is as good as any other: allocations and frees may come between.
// - `moves()` counts blocks that were moved. Who keeps an address keeps the count with it: an
//   address is good as long as the count is the same, or the block is pinned.
//
// It belongs to one thread at a time; pool/movable_pool.h shares it with others.

#pragma once

#include <algorithm>
#include <cassert>
#include <cstring>
#include <span>

#include "../core/fault.h"
#include "../core/units.h"
#include "best_fit.h"

namespace groundhog {

using Handle = uint32_t;

constexpr Handle kNoHandle = 0;

class Movable {
 public:
  static constexpr size_t kGrainBytes = 64;
  static constexpr uint32_t kHandlesMax = (1u << 22) - 1;

  // Zeroed memory for the bookkeeping of so many bytes; only what is used is touched.
  static constexpr size_t ledger_bytes(size_t bytes) noexcept {
    size_t grains = bytes / kGrainBytes;
    return BestFit::ledger_bytes(grains) + round_up(grains * sizeof(uint32_t), kPageBytes) +
           round_up((handles_for(grains) + 1) * sizeof(Entry), kPageBytes);
  }

  Movable(std::byte* bytes, size_t byte_count, std::byte* ledger) noexcept
      : bytes_(bytes),
        blocks_(ledger, static_cast<Grain>(byte_count / kGrainBytes)),
        handles_max_(handles_for(byte_count / kGrainBytes)) {
    size_t grains = byte_count / kGrainBytes;
    ledger += BestFit::ledger_bytes(grains);
    owners_ = reinterpret_cast<uint32_t*>(ledger);
    entries_ =
        reinterpret_cast<Entry*>(ledger + round_up(grains * sizeof(uint32_t), kPageBytes));
  }

  Result<Handle> allocate(size_t bytes, uint32_t tag) noexcept {
    size_t grains = (bytes + kGrainBytes - 1) / kGrainBytes;
    if (bytes == 0 || grains > blocks_.limit()) return Fault::invalid_size;
    uint32_t index = spare_ != 0 ? spare_ : used_ + 1;
    if (index > handles_max_) return Fault::out_of_memory;
    Result<Grain> first = blocks_.take(static_cast<Grain>(grains));
    if (!first) return first.fault();
    Entry& entry = entries_[index];
    if (index == spare_) {
      spare_ = entry.first;
    } else {
      used_ = index;
    }
    entry = {*first, static_cast<uint32_t>(bytes), tag, 0, entry.generation, true};
    owners_[*first] = index;
    live_bytes_ += bytes;
    ++live_count_;
    touched_bytes_ = std::max(touched_bytes_, top_bytes());
    return handle_of(index);
  }

  // Not while it is moving.
  Fault free(Handle handle) noexcept {
    Result<uint32_t> index = index_of(handle);
    if (!index) return index.fault();
    assert(*index != moving_);
    Entry& entry = entries_[*index];
    blocks_.give(entry.first);
    live_bytes_ -= entry.bytes;
    --live_count_;
    entry.live = false;
    ++entry.generation;
    entry.first = spare_;
    spare_ = *index;
    return Fault::none;
  }

  // The bytes, until a move of it ends; of a pinned block, until it is unpinned.
  std::span<std::byte> at(Handle handle) const noexcept {
    Result<uint32_t> index = index_of(handle);
    if (!index) return {};
    return {place_of(entries_[*index].first), entries_[*index].bytes};
  }
  // Of a live block.
  uint32_t tag(Handle handle) const noexcept { return entries_[*index_of(handle)].tag; }
  // What `at` would refuse it for.
  Fault look(Handle handle) const noexcept { return index_of(handle).fault(); }

  // Pins are counted. Not while it is moving.
  Fault pin(Handle handle) noexcept {
    Result<uint32_t> index = index_of(handle);
    if (!index) return index.fault();
    ++entries_[*index].pins;
    return Fault::none;
  }
  Fault unpin(Handle handle) noexcept {
    Result<uint32_t> index = index_of(handle);
    if (!index) return index.fault();
    if (entries_[*index].pins == 0) return Fault::invalid_offset;
    --entries_[*index].pins;
    return Fault::none;
  }

  // The bytes of a block that moves, from where it is to where it will be; the two may overlap.
  struct Move {
    Handle handle = kNoHandle;
    const std::byte* from = nullptr;
    std::byte* to = nullptr;
    size_t bytes = 0;

    void copy() const noexcept { std::memmove(to, from, bytes); }
  };

  // The next block that can move down begins to, and its hole is taken. No bytes: none was found by
  // now. One move at a time; `end_move` comes before all else that the move forbids.
  Move begin_move() noexcept {
    assert(moving_ == 0);
    for (uint32_t holes = 0; holes < kHolesMax; ++holes) {
      if (hole_.grains == 0) {
        hole_ = blocks_.hole_after(cursor_, kVisitsMax);
        cursor_ = hole_.first;
        if (hole_.grains == 0) break;
        blocks_.take_hole(hole_.first);
      }
      BestFit::Block next = blocks_.block_at(hole_.end());
      if (next.live && entries_[owners_[next.first]].pins == 0) {
        moving_ = owners_[next.first];
        return {handle_of(moving_), place_of(next.first), place_of(hole_.first),
                size_t{next.grains} * kGrainBytes};
      }
      cursor_ = next.live ? next.first : hole_.first;
      let_hole_go();
    }
    return {};
  }

  // Its bytes were copied.
  void end_move() noexcept {
    assert(moving_ != 0);
    Grain to = hole_.first;
    hole_.first = blocks_.swap_with_next(to);
    owners_[to] = moving_;
    entries_[moving_].first = to;
    cursor_ = hole_.first;
    moving_ = 0;
    ++moves_;
  }

  struct Step {
    size_t moved_bytes = 0;
    size_t forgotten_bytes = 0;
    bool done = false;  // nothing is left to be moved or given back
  };

  // Comes after the moves of a step, `moved_bytes` in all. Where there were none, since everything
  // has been looked at, as much of what lies above the last block as goes with `bytes_max` is handed
  // to `forget(from, to)`, as offsets in bytes.
  template <class Forget>
  Step end_step(size_t moved_bytes, size_t bytes_max, Forget forget) noexcept {
    Step result = {.moved_bytes = moved_bytes};
    let_hole_go();
    if (moved_bytes == 0 && cursor_ >= blocks_.top()) {
      give_back(bytes_max * kForgottenForMoved, forget, result);
      if (result.done) cursor_ = 0;
    }
    return result;
  }

  // Moves at most `bytes_max` down, or one block if that is larger, and ends the step.
  template <class Forget>
  Step step(size_t bytes_max, Forget forget) noexcept {
    size_t moved_bytes = 0;
    while (moved_bytes < bytes_max) {
      Move move = begin_move();
      if (move.bytes == 0) break;
      move.copy();
      end_move();
      moved_bytes += move.bytes;
    }
    return end_step(moved_bytes, bytes_max, forget);
  }

  uint64_t moves() const noexcept { return moves_; }
  size_t live_bytes() const noexcept { return live_bytes_; }
  uint32_t live_count() const noexcept { return live_count_; }
  // One past the last byte of a block.
  size_t top_bytes() const noexcept { return size_t{blocks_.top()} * kGrainBytes; }
  // Above lies nothing but zeroes.
  size_t touched_bytes() const noexcept { return touched_bytes_; }

  struct Live {
    Handle handle;
    uint32_t bytes;  // as they were asked for
    uint32_t tag;
  };

  // Calls visit(Live) for each block in the order of handles' indices, which moves do not change.
  template <class Visit>
  void each(Visit visit) const noexcept {
    for (uint32_t index = 1; index <= used_; ++index) {
      const Entry& entry = entries_[index];
      if (entry.live) visit(Live{handle_of(index), entry.bytes, entry.tag});
    }
  }

  // Whether handles and blocks agree.
  bool holds() const noexcept {
    bool agree = blocks_.holds();
    size_t bytes = 0;
    uint32_t count = 0;
    blocks_.each([&](const BestFit::Block& block) {
      if (!block.live || (hole_.grains > 0 && block.first == hole_.first)) return;
      const Entry& entry = entries_[owners_[block.first]];
      agree = agree && entry.live && entry.first == block.first &&
              (entry.bytes + kGrainBytes - 1) / kGrainBytes == block.grains;
      bytes += entry.bytes;
      ++count;
    });
    return agree && bytes == live_bytes_ && count == live_count_;
  }

 private:
  // Giving back costs that much less than moving, a byte.
  static constexpr size_t kForgottenForMoved = 4;
  // Blocks that are looked at in a row for a hole, and holes for a block that can move into one.
  static constexpr uint32_t kVisitsMax = 4096;
  static constexpr uint32_t kHolesMax = 4096;
  static constexpr uint32_t kIndexBits = 22;
  static constexpr uint32_t kGenerations = 1u << (32 - kIndexBits);

  struct Entry {
    Grain first;  // of a spare entry: the next spare one
    uint32_t bytes;
    uint32_t tag;
    uint32_t pins;
    uint16_t generation;
    bool live;
  };

  static constexpr uint32_t handles_for(size_t grains) noexcept {
    return grains < kHandlesMax ? static_cast<uint32_t>(grains) : kHandlesMax;
  }

  Handle handle_of(uint32_t index) const noexcept {
    return (entries_[index].generation % kGenerations) << kIndexBits | index;
  }
  Result<uint32_t> index_of(Handle handle) const noexcept {
    uint32_t index = handle & ((1u << kIndexBits) - 1);
    if (index == 0 || index > used_) return Fault::invalid_offset;
    if (entries_[index].live && handle_of(index) == handle) return index;
    return Fault::double_free;
  }

  std::byte* place_of(Grain first) const noexcept { return bytes_ + size_t{first} * kGrainBytes; }

  void let_hole_go() noexcept {
    if (hole_.grains > 0) blocks_.give(hole_.first);
    hole_.grains = 0;
  }

  // Above the last block, from the far end on.
  template <class Forget>
  void give_back(size_t bytes_max, Forget forget, Step& result) noexcept {
    size_t floor = round_up(top_bytes(), kPageBytes);
    size_t least = touched_bytes_ > bytes_max ? touched_bytes_ - bytes_max : 0;
    size_t from = std::max(floor, round_up(least, kPageBytes));
    if (touched_bytes_ > from) {
      forget(from, round_up(touched_bytes_, kPageBytes));
      result.forgotten_bytes = touched_bytes_ - from;
      touched_bytes_ = from;
    }
    result.done = touched_bytes_ <= floor;
  }

  std::byte* bytes_;
  BestFit blocks_;
  uint32_t handles_max_;
  uint32_t* owners_ = nullptr;  // by first grain: the index of the handle
  Entry* entries_ = nullptr;
  uint32_t used_ = 0;
  uint32_t spare_ = 0;
  size_t live_bytes_ = 0;
  uint32_t live_count_ = 0;
  uint64_t moves_ = 0;
  Grain cursor_ = 0;
  BestFit::Block hole_ = {};  // taken for moves; of no grains when there is none
  uint32_t moving_ = 0;       // the index of the block between the two ends of its move
  size_t touched_bytes_ = 0;
};

}  // namespace groundhog
