// Hazard pointers (Michael 2004): a node that a thread has announced is not freed under it.
//
// protect:   announce the pointer     then read the source again
// retire:    unlink the node          then read all announcements
//
// All four are seq_cst, so one of the two sees the other: either the second read finds another
// pointer, and tries again, or the announcement is found, and the node stays. The caller's unlinking
// update must be seq_cst too. Each thread keeps at most kRetiredMax nodes before it looks, so at most
// kThreads * (kRetiredMax + kEach) are unlinked and not freed.

#pragma once

#include <array>

#include "../port/sync.h"

namespace groundhog {

template <Sync S, class Node, uint32_t kEach = 2>
class Hazards {
 public:
  static constexpr uint32_t kThreads = S::kSimulated ? 6 : 1024;
  // In simulation every retired node is looked at at once, so that mistakes show.
  static constexpr uint32_t kRetiredMax = S::kSimulated ? 1 : 64;

  Hazards() = default;
  Hazards(const Hazards&) = delete;
  Hazards& operator=(const Hazards&) = delete;
  // While no other thread uses it.
  ~Hazards() {
    for (PerThread& each : threads_) {
      free_unannounced(each);
    }
  }

  // The node at `source`, which is not freed until this thread protects another one by the same
  // `which`, or clears it.
  Node* protect(const typename S::template Atomic<Node*>& source, uint32_t which = 0) {
    auto& slot = threads_[S::self()].announced[which];
    Node* node = source.load(kRelaxed);
    for (;;) {
      slot.store(node, kSeqCst);
      Node* again = source.load(kSeqCst);
      if (again == node) return node;
      node = again;
    }
  }

  void clear(uint32_t which = 0) {
    threads_[S::self()].announced[which].store(nullptr, kRelease);
  }

  // The node is unlinked: nobody finds it any more.
  void retire(Node* node) {
    PerThread& mine = threads_[S::self()];
    node->next_retired = mine.retired.read();
    mine.retired = node;
    mine.count = mine.count + 1;
    if (mine.count >= kRetiredMax) free_unannounced(mine);
  }

 private:
  struct alignas(64) PerThread {
    std::array<typename S::template Atomic<Node*>, kEach> announced{};
    typename S::template Plain<Node*> retired{nullptr};
    typename S::template Plain<uint32_t> count{0};
  };

  void free_unannounced(PerThread& mine) {
    Node* node = mine.retired;
    Node* kept = nullptr;
    uint32_t count = 0;
    while (node != nullptr) {
      Node* next = node->next_retired;
      if (is_announced(node)) {
        node->next_retired = kept;
        kept = node;
        ++count;
      } else {
        S::destroy(node);
      }
      node = next;
    }
    mine.retired = kept;
    mine.count = count;
  }

  bool is_announced(const Node* node) {
    for (PerThread& each : threads_) {
      for (auto& slot : each.announced) {
        if (slot.load(kSeqCst) == node) return true;
      }
    }
    return false;
  }

  std::array<PerThread, kThreads> threads_;
};

}  // namespace groundhog
