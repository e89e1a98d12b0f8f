// Best fit with boundary tags: the smallest free block that is large enough, and of equal ones the
// first in the region. A freed block joins its free neighbours at once.
//
//   units    0   1   2   3   4   5   6   7   8   9  ...
//            [ block 1  ][ block 2 ][    block 3    ] top: units never given out yet
//   edge_    1   0   1   2   .   2   3   0   0   3
//
// All bookkeeping lies outside of the region, so a user who writes beyond a block harms bytes of
// others but never the allocator: whatever offset comes in is looked up, never believed.
//
// - Blocks tile [0, top). No two free blocks are neighbours, and the last block is live.
// - `edge_[u]` names the block that starts or ends at unit u; inside of blocks it is 0.
// - The free blocks are the nodes of one treap (Aragon and Seidel 1989) ordered by (units, first);
//   a node's priority is a hash of its index, so that the shape depends on nothing but the calls.
// - `freed_` has the bit of every unit at which a block was freed and none was placed since: it
//   tells a second free from a wrong offset.

#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>

#include "../core/fault.h"
#include "../core/units.h"

namespace groundhog {

class BestFit {
 public:
  struct Block {
    Unit first;
    Unit units;
    bool live;
    uint32_t bytes;  // live: as the caller asked. free: the subtree of lesser blocks.
    uint32_t tag;    // live: the caller's. free: the subtree of greater blocks.
  };

  // Zeroed memory for the bookkeeping of `units` units; only what is used is touched.
  static constexpr size_t ledger_bytes(size_t units) noexcept {
    return round_up(edge_bytes(units) + freed_bytes(units) + block_bytes(units), kPageBytes);
  }

  BestFit() = default;
  BestFit(std::byte* ledger, Unit units) noexcept
      : limit_(units),
        edge_(reinterpret_cast<uint32_t*>(ledger)),
        freed_(reinterpret_cast<uint64_t*>(ledger + edge_bytes(units))),
        blocks_(reinterpret_cast<Block*>(ledger + edge_bytes(units) + freed_bytes(units))) {}

  Result<Unit> take(Unit units, uint32_t bytes, uint32_t tag) noexcept {
    assert(units > 0);
    uint32_t index = smallest_of_at_least(units);
    if (index != 0) {
      root_ = without(root_, index);
      if (blocks_[index].units > units) split(index, units);
    } else {
      if (units > limit_ - top_) return Fault::out_of_memory;
      index = new_block(top_, units);
      if (index == 0) return Fault::out_of_memory;
      top_ += units;
      if (top_ > high_water_) high_water_ = top_;
    }
    Block& block = blocks_[index];
    block.live = true;
    block.bytes = bytes;
    block.tag = tag;
    clear_freed(block.first, block.units);
    live_units_ += units;
    live_bytes_ += bytes;
    live_count_ += 1;
    return block.first;
  }

  Fault give(Unit first) noexcept {
    Result<uint32_t> found = live_at(first);
    if (!found) return found.fault();
    uint32_t index = *found;
    live_units_ -= blocks_[index].units;
    live_bytes_ -= blocks_[index].bytes;
    live_count_ -= 1;
    blocks_[index].live = false;
    freed_[first / 64] |= uint64_t{1} << (first % 64);
    index = join_neighbours(index);
    if (end_of(blocks_[index]) == top_) {
      top_ = blocks_[index].first;
      drop_block(index);
    } else {
      root_ = with(root_, index);
    }
    return Fault::none;
  }

  Result<const Block*> find(Unit first) const noexcept {
    Result<uint32_t> found = live_at(first);
    if (!found) return found.fault();
    return &blocks_[*found];
  }

  // Calls visit(block) for every block, live and free, from the first unit to the last.
  template <class Visit>
  void each(Visit visit) const noexcept {
    for (Unit at = 0; at < top_; at += blocks_[edge_[at]].units) visit(blocks_[edge_[at]]);
  }

  // Back to the first state. The caller zeroes the region below `high_water`.
  void reset() noexcept {
    std::memset(edge_, 0, size_t{high_water_} * sizeof(uint32_t));
    std::memset(freed_, 0, freed_bytes(high_water_));
    *this = BestFit(reinterpret_cast<std::byte*>(edge_), limit_);
  }

  Unit limit() const noexcept { return limit_; }
  Unit live_units() const noexcept { return live_units_; }
  uint64_t live_bytes() const noexcept { return live_bytes_; }
  uint32_t live_count() const noexcept { return live_count_; }
  // One past the last unit that was ever part of a block.
  Unit high_water() const noexcept { return high_water_; }
  // The largest request that would be granted now.
  Unit largest_free() const noexcept {
    uint32_t node = root_;
    while (node != 0 && greater(node) != 0) node = greater(node);
    Unit below = node == 0 ? 0 : blocks_[node].units;
    Unit above = limit_ - top_;
    return below > above ? below : above;
  }

  // Walks everything; false when one of the invariants above does not hold.
  bool holds() const noexcept {
    Unit at = 0;
    Unit live = 0;
    uint32_t free_count = 0;
    bool last_was_free = false;
    while (at < top_) {
      uint32_t index = edge_[at];
      if (index == 0 || index > blocks_used_) return false;
      const Block& block = blocks_[index];
      if (block.first != at || block.units == 0 || block.units > top_ - at) return false;
      if (edge_[end_of(block) - 1] != index) return false;
      if (!block.live && last_was_free) return false;
      last_was_free = !block.live;
      if (block.live) live += block.units;
      if (!block.live) free_count += 1;
      at = end_of(block);
    }
    return at == top_ && !last_was_free && live == live_units_ && ordered(root_) == free_count;
  }

 private:
  // A block has an edge entry at each end, and no more blocks exist than units.
  static constexpr size_t edge_bytes(size_t units) noexcept {
    return round_up(units * sizeof(uint32_t), 64);
  }
  static constexpr size_t freed_bytes(size_t units) noexcept { return (units + 63) / 64 * 8; }
  static constexpr size_t block_bytes(size_t units) noexcept { return (units + 1) * sizeof(Block); }

  static Unit end_of(const Block& block) noexcept { return block.first + block.units; }

  Result<uint32_t> live_at(Unit first) const noexcept {
    if (first >= high_water_) return Fault::invalid_offset;
    uint32_t index = first < top_ ? edge_[first] : 0;
    if (index != 0 && blocks_[index].first == first && blocks_[index].live) return index;
    bool freed = freed_[first / 64] >> (first % 64) & 1;
    return freed ? Fault::double_free : Fault::invalid_offset;
  }

  void clear_freed(Unit first, Unit units) noexcept {
    Unit end = first + units;
    for (Unit at = first; at < end;) {
      Unit bit = at % 64;
      Unit bits = 64 - bit < end - at ? 64 - bit : end - at;
      uint64_t ones = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
      freed_[at / 64] &= ~(ones << bit);
      at += bits;
    }
  }

  uint32_t new_block(Unit first, Unit units) noexcept {
    uint32_t index = spare_;
    if (index != 0) {
      spare_ = blocks_[index].first;
    } else {
      index = ++blocks_used_;
    }
    blocks_[index] = Block{first, units, false, 0, 0};
    set_edges(index);
    return index;
  }

  void drop_block(uint32_t index) noexcept {
    Block& block = blocks_[index];
    edge_[block.first] = 0;
    edge_[end_of(block) - 1] = 0;
    block.first = spare_;
    spare_ = index;
  }

  void set_edges(uint32_t index) noexcept {
    edge_[blocks_[index].first] = index;
    edge_[end_of(blocks_[index]) - 1] = index;
  }

  // Cuts the block down to `units`; what remains is a free block of its own.
  void split(uint32_t index, Unit units) noexcept {
    Unit first = blocks_[index].first;
    Unit rest = blocks_[index].units - units;
    blocks_[index].units = units;
    set_edges(index);
    root_ = with(root_, new_block(first + units, rest));
  }

  uint32_t join_neighbours(uint32_t index) noexcept {
    Unit first = blocks_[index].first;
    Unit end = end_of(blocks_[index]);
    uint32_t left = first > 0 ? edge_[first - 1] : 0;
    uint32_t right = end < top_ ? edge_[end] : 0;
    if (left != 0 && !blocks_[left].live) index = join(left, index, left);
    if (right != 0 && !blocks_[right].live) index = join(index, right, right);
    return index;
  }

  // `in_treap` is the one of the two that is already a node of the treap.
  uint32_t join(uint32_t left, uint32_t right, uint32_t in_treap) noexcept {
    root_ = without(root_, in_treap);
    Unit units = blocks_[left].units + blocks_[right].units;
    edge_[end_of(blocks_[left]) - 1] = 0;
    drop_block(right);
    blocks_[left].units = units;
    set_edges(left);
    return left;
  }

  uint32_t& lesser(uint32_t node) const noexcept { return blocks_[node].bytes; }
  uint32_t& greater(uint32_t node) const noexcept { return blocks_[node].tag; }
  static uint32_t priority(uint32_t node) noexcept {
    return static_cast<uint32_t>((node * 0x9e3779b97f4a7c15u) >> 32);
  }
  bool precedes(uint32_t a, uint32_t b) const noexcept {
    const Block& x = blocks_[a];
    const Block& y = blocks_[b];
    return x.units != y.units ? x.units < y.units : x.first < y.first;
  }

  uint32_t smallest_of_at_least(Unit units) const noexcept {
    uint32_t best = 0;
    for (uint32_t node = root_; node != 0;) {
      bool fits = blocks_[node].units >= units;
      if (fits) best = node;
      node = fits ? lesser(node) : greater(node);
    }
    return best;
  }

  uint32_t with(uint32_t root, uint32_t node) noexcept {
    uint32_t* link = &root;
    while (*link != 0 && priority(*link) >= priority(node)) {
      link = precedes(node, *link) ? &lesser(*link) : &greater(*link);
    }
    uint32_t rest = *link;
    *link = node;
    uint32_t* low = &lesser(node);
    uint32_t* high = &greater(node);
    while (rest != 0) {
      bool below = precedes(rest, node);
      uint32_t*& end = below ? low : high;
      *end = rest;
      end = below ? &greater(rest) : &lesser(rest);
      rest = *end;
    }
    *low = *high = 0;
    return root;
  }

  uint32_t without(uint32_t root, uint32_t node) noexcept {
    uint32_t* link = &root;
    while (*link != node) link = precedes(node, *link) ? &lesser(*link) : &greater(*link);
    uint32_t low = lesser(node);
    uint32_t high = greater(node);
    while (low != 0 && high != 0) {
      bool low_wins = priority(low) >= priority(high);
      uint32_t winner = low_wins ? low : high;
      *link = winner;
      link = low_wins ? &greater(winner) : &lesser(winner);
      (low_wins ? low : high) = *link;
    }
    *link = low != 0 ? low : high;
    return root;
  }

  // The size of a subtree, or more than any real one when it is out of order.
  uint32_t ordered(uint32_t node) const noexcept {
    constexpr uint32_t kBroken = 1u << 30;
    if (node == 0) return 0;
    if (blocks_[node].live) return kBroken;
    uint32_t low = lesser(node);
    uint32_t high = greater(node);
    if (low != 0 && (!precedes(low, node) || priority(low) > priority(node))) return kBroken;
    if (high != 0 && (!precedes(node, high) || priority(high) > priority(node))) return kBroken;
    return 1 + ordered(low) + ordered(high);
  }

  Unit limit_ = 0;
  Unit top_ = 0;
  Unit high_water_ = 0;
  Unit live_units_ = 0;
  uint64_t live_bytes_ = 0;
  uint32_t live_count_ = 0;
  uint32_t blocks_used_ = 0;
  uint32_t spare_ = 0;  // dropped blocks, linked through `first`
  uint32_t root_ = 0;
  uint32_t* edge_ = nullptr;
  uint64_t* freed_ = nullptr;
  Block* blocks_ = nullptr;
};

}  // namespace groundhog
