// Sorted set of keys as a skip list (Fraser 2004; Herlihy and Shavit, chapter 14.4).
//
//   level 1:  head ------------> 20 ------> end
//   level 0:  head -> 10 ------> 20 -> 30 -> end         a link: index of a node << 1 | mark
//
// - Level 0 is the set; levels above are shortcuts. A node is in the set from the update that links
//   it at level 0 until the one that marks its own link there: these are the linearisations.
// - A marked link never changes again, so nothing is inserted behind an erased node; searches for an
//   insertion or erasure unlink marked nodes that they pass.
// - Nodes come from a table of kNodes and are not used again, so no link is ever stale: there is no
//   ABA. The list is for a bounded number of insertions.
//
// Links are released and acquired: they carry the node's key. contains() changes nothing: wait-free.

#pragma once

#include <array>

#include "../port/sync.h"

namespace groundhog {

template <Sync S, uint32_t kNodes, uint32_t kLevels = 4>
class SkipList {
 public:
  SkipList() {
    for (auto& link : nodes_[kHead].next) link.store(to(kEnd), kRelaxed);
  }

  bool contains(uint32_t key) {
    Node* before = &nodes_[kHead];
    for (uint32_t level = kLevels; level-- > 0;) {
      for (;;) {
        uint32_t at = index_of(before->next[level].load(kAcquire));
        if (at == kEnd || nodes_[at].key >= key) break;
        before = &nodes_[at];
      }
    }
    uint32_t at = index_of(before->next[0].load(kAcquire));
    while (at != kEnd && nodes_[at].key < key) {
      at = index_of(nodes_[at].next[0].load(kAcquire));
    }
    return at != kEnd && nodes_[at].key == key && !is_marked(nodes_[at].next[0].load(kAcquire));
  }

  enum class Inserted : uint8_t { yes, was_there, full };

  Inserted insert(uint32_t key) {
    uint32_t made = kEnd;
    for (;;) {
      Way way;
      if (find(key, way)) return Inserted::was_there;
      if (made == kEnd) {
        made = used_.fetch_add(1, kRelaxed);
        if (made >= kNodes) return Inserted::full;
        nodes_[made].key = key;
      }
      uint32_t height = height_of(key);
      for (uint32_t level = 0; level < height; ++level) {
        nodes_[made].next[level].store(to(way.at[level]), kRelaxed);
      }
      uint32_t expected = to(way.at[0]);
      if (!link(way.before[0], 0).compare_exchange_strong(expected, to(made), kRelease, kRelaxed)) {
        continue;
      }
      for (uint32_t level = 1; level < height; ++level) {
        if (!raise(made, key, level, way)) break;
      }
      return Inserted::yes;
    }
  }

  bool erase(uint32_t key) {
    Way way;
    if (!find(key, way)) return false;
    Node& node = nodes_[way.at[0]];
    for (uint32_t level = height_of(key); level-- > 1;) {
      uint32_t seen = node.next[level].load(kRelaxed);
      while (!is_marked(seen) &&
             !node.next[level].compare_exchange_weak(seen, seen | kMark, kRelaxed, kRelaxed)) {
      }
    }
    uint32_t seen = node.next[0].load(kAcquire);
    while (!is_marked(seen)) {
      if (node.next[0].compare_exchange_weak(seen, seen | kMark, kAcqRel, kAcquire)) {
        find(key, way);  // unlinks it
        return true;
      }
    }
    return false;
  }

 private:
  static constexpr uint32_t kHead = 0;
  static constexpr uint32_t kEnd = kNodes;
  static constexpr uint32_t kMark = 1;

  struct Node {
    typename S::template Plain<uint32_t> key;
    std::array<typename S::template Atomic<uint32_t>, kLevels> next{};
  };
  // On each level the last node before a key, and the first not before it.
  struct Way {
    uint32_t before[kLevels];
    uint32_t at[kLevels];
  };

  static constexpr uint32_t to(uint32_t index) noexcept { return index << 1; }
  static constexpr uint32_t index_of(uint32_t link) noexcept { return link >> 1; }
  static constexpr bool is_marked(uint32_t link) noexcept { return (link & kMark) != 0; }
  // 1 + the number of heads before a tail, from the key itself: nothing is drawn.
  static uint32_t height_of(uint32_t key) noexcept {
    uint32_t coins = (key * 0x85ebca77u) >> 16 | 1u << (kLevels - 1);
    return 1 + static_cast<uint32_t>(__builtin_ctz(coins));
  }
  typename S::template Atomic<uint32_t>& link(uint32_t node, uint32_t level) noexcept {
    return nodes_[node].next[level];
  }

  // Whether the key is there. Unlinks the marked nodes on the way; starts anew when it cannot.
  bool find(uint32_t key, Way& way) {
    for (;;) {
      if (try_to_find(key, way)) return way.at[0] != kEnd && nodes_[way.at[0]].key == key;
    }
  }
  bool try_to_find(uint32_t key, Way& way) {
    uint32_t before = kHead;
    for (uint32_t level = kLevels; level-- > 0;) {
      uint32_t at = index_of(link(before, level).load(kAcquire));
      while (at != kEnd) {
        uint32_t next = link(at, level).load(kAcquire);
        if (is_marked(next)) {
          uint32_t expected = to(at);
          uint32_t behind = next & ~kMark;
          if (!link(before, level).compare_exchange_strong(expected, behind, kAcqRel, kRelaxed)) {
            return false;
          }
          at = index_of(behind);
          continue;
        }
        if (nodes_[at].key >= key) break;
        before = at;
        at = index_of(next);
      }
      way.before[level] = before;
      way.at[level] = at;
    }
    return true;
  }

  // Links a node that is in the set at a further level; false when it was erased meanwhile.
  bool raise(uint32_t made, uint32_t key, uint32_t level, Way& way) {
    for (;;) {
      uint32_t mine = link(made, level).load(kRelaxed);
      if (is_marked(mine)) return false;
      if (index_of(mine) != way.at[level] &&
          !link(made, level).compare_exchange_strong(mine, to(way.at[level]), kRelaxed, kRelaxed)) {
        return false;
      }
      uint32_t expected = to(way.at[level]);
      if (link(way.before[level], level)
              .compare_exchange_strong(expected, to(made), kRelease, kRelaxed)) {
        return true;
      }
      if (!find(key, way) || way.at[0] != made) return false;
    }
  }

  std::array<Node, kNodes> nodes_;
  typename S::template Atomic<uint32_t> used_{1};
};

}  // namespace groundhog
