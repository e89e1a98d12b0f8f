// Best fit with boundary tags: the smallest free block that is large enough. A freed block joins
// its free neighbours at once. Everything is counted in grains, whose size is the caller's
// business.
//
//   grains   0   1   2   3   4   5   6   7   8   9  ...
//            [ block 1  ][ block 2 ][    block 3    ] top: grains never given out yet
//   edge_    1   0   1   2   .   2   3   0   0   3
//
// All bookkeeping lies outside of the memory it is about, so a user who writes beyond a block harms
// bytes of others but never the allocator: whatever comes in is looked up, never believed.
//
// - Blocks tile [0, top). No two free blocks are neighbours, and the last block is live.
// - `edge_[g]` names the block that starts or ends at grain g; inside of blocks it is 0.
// - Free blocks of up to kBinsMax grains lie in lists, one for each size, last in first out. Larger
//   ones are the nodes of a treap (Aragon and Seidel 1989) ordered by (grains, first); a node's
//   priority is a hash of its index, so that the shape depends on nothing but the calls.
// - `freed_` has the bit of every grain at which a block was freed and none was placed since: it
//   tells a second free from a wrong place.

#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>

#include "../core/fault.h"
#include "../core/units.h"

namespace groundhog {

using Grain = uint32_t;

class BestFit {
 public:
  struct Block {
    Grain first;
    Grain grains;
    uint32_t less;  // free: the block before in its list, or the subtree of lesser blocks
    uint32_t more;  // free: the block after in its list, or the subtree of greater blocks
    bool live;

    Grain end() const noexcept { return first + grains; }
  };

  // Zeroed memory for the bookkeeping of so many grains; only what is used is touched.
  static constexpr size_t ledger_bytes(size_t grains) noexcept {
    return round_up(edge_bytes(grains) + freed_bytes(grains) + block_bytes(grains), kPageBytes);
  }

  BestFit() = default;
  BestFit(std::byte* ledger, Grain grains) noexcept
      : limit_(grains),
        edge_(reinterpret_cast<uint32_t*>(ledger)),
        freed_(reinterpret_cast<uint64_t*>(ledger + edge_bytes(grains))),
        blocks_(reinterpret_cast<Block*>(ledger + edge_bytes(grains) + freed_bytes(grains))) {}

  Result<Grain> take(Grain grains) noexcept {
    assert(grains > 0);
    uint32_t index = smallest_of_at_least(grains);
    if (index == 0) return take_top(grains);
    remove_free(index);
    if (blocks_[index].grains > grains) add_free(split(index, grains));
    return make_live(index);
  }

  // From a multiple of `alignment`, a power of two. What lies before it stays free.
  Result<Grain> take_aligned(Grain grains, Grain alignment) noexcept {
    uint32_t index = smallest_that_holds(grains, alignment);
    if (index == 0) {
      Grain gap = static_cast<Grain>(round_up(top_, alignment)) - top_;
      if (gap > limit_ - top_ || grains > limit_ - top_ - gap) return Fault::out_of_memory;
      uint32_t before = gap > 0 ? new_top(gap) : 0;
      uint32_t made = new_top(grains);
      if (before != 0) add_free(before);
      return make_live(made);
    }
    remove_free(index);
    Grain skipped =
        static_cast<Grain>(round_up(blocks_[index].first, alignment)) - blocks_[index].first;
    if (skipped > 0) {
      uint32_t aligned = split(index, skipped);
      add_free(index);
      index = aligned;
    }
    if (blocks_[index].grains > grains) add_free(split(index, grains));
    return make_live(index);
  }

  Fault give(Grain first) noexcept {
    Result<uint32_t> found = live_at(first);
    if (!found) return found.fault();
    uint32_t index = *found;
    live_grains_ -= blocks_[index].grains;
    live_count_ -= 1;
    blocks_[index].live = false;
    freed_[first / 64] |= uint64_t{1} << (first % 64);
    index = join_neighbours(index);
    if (blocks_[index].end() == top_) {
      top_ = blocks_[index].first;
      drop_block(index);
    } else {
      add_free(index);
    }
    return Fault::none;
  }

  // The first free block that ends after `from`, out of the next `most` blocks. Else one of no
  // grains: where the search stopped, which is the top when there is none at all.
  Block hole_after(Grain from, uint32_t most = UINT32_MAX) const noexcept {
    Grain at = start_at(from);
    for (; at < top_ && most > 0; --most, at = blocks_[edge_[at]].end()) {
      if (!blocks_[edge_[at]].live) return blocks_[edge_[at]];
    }
    return Block{at, 0, 0, 0, false};
  }

  // The block that starts there, live or free; at the top one of no grains.
  Block block_at(Grain first) const noexcept {
    return first < top_ ? blocks_[edge_[first]] : Block{first, 0, 0, 0, false};
  }

  // Makes live the hole that starts there: nothing is placed in it, and no neighbour joins it.
  void take_hole(Grain first) noexcept {
    uint32_t index = edge_[first];
    assert(index != 0 && !blocks_[index].live);
    remove_free(index);
    count_live(index);
  }

  // The live block that starts there and the next one, live too, change places. Answers with where
  // the first starts now; the caller moves the contents.
  Grain swap_with_next(Grain first) noexcept {
    uint32_t lower = edge_[first];
    uint32_t upper = edge_[blocks_[lower].end()];
    assert(blocks_[lower].live && blocks_[upper].live);
    // The first and the last edge stay edges.
    edge_[blocks_[lower].end() - 1] = edge_[blocks_[upper].first] = 0;
    blocks_[upper].first = first;
    blocks_[lower].first = blocks_[upper].end();
    set_edges(upper);
    set_edges(lower);
    clear_freed(first, blocks_[upper].grains);
    return blocks_[lower].first;
  }

  // The last live block that starts before `end`; one of no grains when there is none.
  Block last_before(Grain end) const noexcept {
    if (end > top_) end = top_;
    while (end > 0) {
      const Block& block = blocks_[edge_[end - 1]];
      if (block.live) return block;
      end = block.first;
    }
    return Block{0, 0, 0, 0, false};
  }

  // As `take`, where that is a hole that ends at or before `end`.
  Result<Grain> take_below(Grain grains, Grain end) noexcept {
    for (uint32_t index = smallest_of_at_least(grains); index != 0; index = next_free(index)) {
      if (blocks_[index].end() > end) continue;
      remove_free(index);
      if (blocks_[index].grains > grains) add_free(split(index, grains));
      return make_live(index);
    }
    return Fault::out_of_memory;
  }

  // Makes live what lies there, on memory of which nothing has been given out beyond it. So a
  // ledger is made anew from what is known to be live, told in the order of places.
  Fault restore(Grain first, Grain grains) noexcept {
    if (first < top_ || grains == 0 || grains > limit_ || first > limit_ - grains) {
      return Fault::corrupt;
    }
    uint32_t gap = first > top_ ? new_top(first - top_) : 0;
    uint32_t made = new_top(grains);
    if (gap != 0) add_free(gap);
    make_live(made);
    return Fault::none;
  }

  // The size of the live block that starts there.
  Result<Grain> grains_of(Grain first) const noexcept {
    Result<uint32_t> found = live_at(first);
    if (!found) return found.fault();
    return blocks_[*found].grains;
  }

  // The same of a live block, also while another thread changes what lies around it.
  Grain grains_of_live(Grain first) const noexcept { return blocks_[edge_[first]].grains; }

  // Calls visit(block) for every block, live and free, from the first grain to the last.
  template <class Visit>
  void each(Visit visit) const noexcept {
    for (Grain at = 0; at < top_; at = blocks_[edge_[at]].end()) visit(blocks_[edge_[at]]);
  }

  // Back to the first state.
  void reset() noexcept {
    std::memset(edge_, 0, size_t{high_water_} * sizeof(uint32_t));
    std::memset(freed_, 0, freed_bytes(high_water_));
    *this = BestFit(reinterpret_cast<std::byte*>(edge_), limit_);
  }

  Grain limit() const noexcept { return limit_; }
  Grain live_grains() const noexcept { return live_grains_; }
  uint32_t live_count() const noexcept { return live_count_; }
  // One past the last grain of a live block.
  Grain top() const noexcept { return top_; }
  // One past the last grain that was ever part of a block.
  Grain high_water() const noexcept { return high_water_; }
  // The largest request that would be granted now.
  Grain largest_free() const noexcept {
    uint32_t node = root_;
    while (node != 0 && greater(node) != 0) node = greater(node);
    Grain below = node != 0 ? blocks_[node].grains : 0;
    for (Grain bin = kBinsMax; below == 0 && bin > 0; --bin) {
      if (bins_[bin] != 0) below = bin;
    }
    Grain above = limit_ - top_;
    return below > above ? below : above;
  }

  // Walks everything; false when one of the invariants above does not hold.
  bool holds() const noexcept {
    Grain at = 0;
    Grain live = 0;
    uint32_t free_count = 0;
    bool last_was_free = false;
    while (at < top_) {
      uint32_t index = edge_[at];
      if (index == 0 || index > blocks_used_) return false;
      const Block& block = blocks_[index];
      if (block.first != at || block.grains == 0 || block.grains > top_ - at) return false;
      if (edge_[block.end() - 1] != index) return false;
      if (!block.live && last_was_free) return false;
      last_was_free = !block.live;
      if (block.live) live += block.grains;
      if (!block.live) free_count += 1;
      at = block.end();
    }
    bool tiled = at == top_ && !last_was_free && live == live_grains_;
    return tiled && ordered(root_) + binned() == free_count;
  }

 private:
  static constexpr Grain kBinsMax = 127;

  // A block has an edge entry at each end, and no more blocks exist than grains.
  static constexpr size_t edge_bytes(size_t grains) noexcept {
    return round_up(grains * sizeof(uint32_t), 64);
  }
  static constexpr size_t freed_bytes(size_t grains) noexcept { return (grains + 63) / 64 * 8; }
  static constexpr size_t block_bytes(size_t grains) noexcept {
    return (grains + 1) * sizeof(Block);
  }

  Result<uint32_t> live_at(Grain first) const noexcept {
    if (first >= high_water_) return Fault::invalid_offset;
    uint32_t index = first < top_ ? edge_[first] : 0;
    if (index != 0 && blocks_[index].first == first && blocks_[index].live) return index;
    bool freed = freed_[first / 64] >> (first % 64) & 1;
    return freed ? Fault::double_free : Fault::invalid_offset;
  }

  Grain make_live(uint32_t index) noexcept {
    count_live(index);
    clear_freed(blocks_[index].first, blocks_[index].grains);
    return blocks_[index].first;
  }

  void count_live(uint32_t index) noexcept {
    blocks_[index].live = true;
    live_grains_ += blocks_[index].grains;
    live_count_ += 1;
  }

  void clear_freed(Grain first, Grain grains) noexcept {
    Grain end = first + grains;
    for (Grain at = first; at < end;) {
      Grain bit = at % 64;
      Grain bits = 64 - bit < end - at ? 64 - bit : end - at;
      uint64_t ones = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
      freed_[at / 64] &= ~(ones << bit);
      at += bits;
    }
  }

  // Where the block starts in which the grain lies.
  Grain start_at(Grain grain) const noexcept {
    if (grain >= top_) return top_;
    while (edge_[grain] == 0) --grain;
    return blocks_[edge_[grain]].first;
  }

  // The free block after this one, by size.
  uint32_t next_free(uint32_t index) const noexcept {
    if (blocks_[index].grains > kBinsMax) return next_larger(index);
    if (blocks_[index].more != 0) return blocks_[index].more;
    return smallest_of_at_least(blocks_[index].grains + 1);
  }

  Result<Grain> take_top(Grain grains) noexcept {
    if (grains > limit_ - top_) return Fault::out_of_memory;
    return make_live(new_top(grains));
  }

  uint32_t new_top(Grain grains) noexcept {
    uint32_t index = new_block(top_, grains);
    top_ += grains;
    if (top_ > high_water_) high_water_ = top_;
    return index;
  }

  uint32_t new_block(Grain first, Grain grains) noexcept {
    uint32_t index = spare_;
    if (index != 0) {
      spare_ = blocks_[index].first;
    } else {
      index = ++blocks_used_;
    }
    blocks_[index] = Block{first, grains, 0, 0, false};
    set_edges(index);
    return index;
  }

  void drop_block(uint32_t index) noexcept {
    Block& block = blocks_[index];
    edge_[block.first] = 0;
    edge_[block.end() - 1] = 0;
    block.first = spare_;
    spare_ = index;
  }

  void set_edges(uint32_t index) noexcept {
    edge_[blocks_[index].first] = index;
    edge_[blocks_[index].end() - 1] = index;
  }

  // Cuts the block down to `grains`; what remains is a block of its own, which is the answer.
  uint32_t split(uint32_t index, Grain grains) noexcept {
    Block& block = blocks_[index];
    Grain rest = block.grains - grains;
    block.grains = grains;
    set_edges(index);
    return new_block(block.end(), rest);
  }

  uint32_t join_neighbours(uint32_t index) noexcept {
    Grain first = blocks_[index].first;
    Grain end = blocks_[index].end();
    uint32_t left = first > 0 ? edge_[first - 1] : 0;
    uint32_t right = end < top_ ? edge_[end] : 0;
    if (left != 0 && !blocks_[left].live) {
      remove_free(left);
      index = join(left, index);
    }
    if (right != 0 && !blocks_[right].live) {
      remove_free(right);
      index = join(index, right);
    }
    return index;
  }

  uint32_t join(uint32_t left, uint32_t right) noexcept {
    Grain grains = blocks_[left].grains + blocks_[right].grains;
    edge_[blocks_[left].end() - 1] = 0;
    drop_block(right);
    blocks_[left].grains = grains;
    set_edges(left);
    return left;
  }

  void add_free(uint32_t index) noexcept {
    Grain grains = blocks_[index].grains;
    if (grains > kBinsMax) {
      root_ = with(root_, index);
      return;
    }
    uint32_t head = bins_[grains];
    blocks_[index].less = 0;
    blocks_[index].more = head;
    if (head != 0) blocks_[head].less = index;
    bins_[grains] = index;
    filled_[grains / 64] |= uint64_t{1} << grains % 64;
  }

  void remove_free(uint32_t index) noexcept {
    const Block& block = blocks_[index];
    if (block.grains > kBinsMax) {
      root_ = without(root_, index);
      return;
    }
    if (block.more != 0) blocks_[block.more].less = block.less;
    if (block.less != 0) {
      blocks_[block.less].more = block.more;
    } else {
      bins_[block.grains] = block.more;
      if (block.more == 0) filled_[block.grains / 64] &= ~(uint64_t{1} << block.grains % 64);
    }
  }

  uint32_t smallest_of_at_least(Grain grains) const noexcept {
    if (grains <= kBinsMax) {
      for (Grain word = grains / 64; word <= kBinsMax / 64; ++word) {
        uint64_t bits = filled_[word];
        if (word == grains / 64) bits &= ~uint64_t{0} << grains % 64;
        if (bits != 0) return bins_[word * 64 + static_cast<Grain>(__builtin_ctzll(bits))];
      }
    }
    uint32_t best = 0;
    for (uint32_t node = root_; node != 0;) {
      bool fits = blocks_[node].grains >= grains;
      if (fits) best = node;
      node = fits ? lesser(node) : greater(node);
    }
    return best;
  }

  // A block of grains + alignment - 1 has an aligned place surely; of the smaller ones that may
  // have one, kTries are looked at.
  uint32_t smallest_that_holds(Grain grains, Grain alignment) const noexcept {
    constexpr uint32_t kTries = 8;
    uint32_t index = smallest_of_at_least(grains);
    for (uint32_t tries = 0; index != 0 && tries < kTries; ++tries) {
      const Block& block = blocks_[index];
      Grain start = static_cast<Grain>(round_up(block.first, alignment));
      if (start < block.end() && block.end() - start >= grains) return index;
      index = next_free(index);
    }
    return index == 0 ? 0 : smallest_of_at_least(grains + alignment - 1);
  }

  uint32_t& lesser(uint32_t node) const noexcept { return blocks_[node].less; }
  uint32_t& greater(uint32_t node) const noexcept { return blocks_[node].more; }
  static uint32_t priority(uint32_t node) noexcept {
    return static_cast<uint32_t>((node * 0x9e3779b97f4a7c15u) >> 32);
  }
  bool precedes(uint32_t a, uint32_t b) const noexcept {
    const Block& x = blocks_[a];
    const Block& y = blocks_[b];
    return x.grains != y.grains ? x.grains < y.grains : x.first < y.first;
  }

  // The next in the order of the treap.
  uint32_t next_larger(uint32_t than) const noexcept {
    uint32_t best = 0;
    for (uint32_t node = root_; node != 0;) {
      bool larger = precedes(than, node);
      if (larger) best = node;
      node = larger ? lesser(node) : greater(node);
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
    if (node == 0) return 0;
    if (blocks_[node].live || blocks_[node].grains <= kBinsMax) return kBroken;
    uint32_t low = lesser(node);
    uint32_t high = greater(node);
    if (low != 0 && (!precedes(low, node) || priority(low) > priority(node))) return kBroken;
    if (high != 0 && (!precedes(node, high) || priority(high) > priority(node))) return kBroken;
    return 1 + ordered(low) + ordered(high);
  }

  // How many blocks the lists hold.
  uint32_t binned() const noexcept {
    uint32_t count = 0;
    for (Grain bin = 0; bin <= kBinsMax; ++bin) {
      bool filled = filled_[bin / 64] >> bin % 64 & 1;
      if (filled != (bins_[bin] != 0)) return kBroken;
      uint32_t before = 0;
      for (uint32_t at = bins_[bin]; at != 0; before = at, at = blocks_[at].more, ++count) {
        bool fits = blocks_[at].grains == bin && !blocks_[at].live && blocks_[at].less == before;
        if (!fits || count > blocks_used_) return kBroken;
      }
    }
    return count;
  }

  static constexpr uint32_t kBroken = 1u << 30;

  Grain limit_ = 0;
  Grain top_ = 0;
  Grain high_water_ = 0;
  Grain live_grains_ = 0;
  uint32_t live_count_ = 0;
  uint32_t blocks_used_ = 0;
  uint32_t spare_ = 0;  // dropped blocks, linked through `first`
  uint32_t root_ = 0;
  uint32_t bins_[kBinsMax + 1] = {};
  uint64_t filled_[(kBinsMax + 1) / 64] = {};
  uint32_t* edge_ = nullptr;
  uint64_t* freed_ = nullptr;
  Block* blocks_ = nullptr;
};

}  // namespace groundhog
