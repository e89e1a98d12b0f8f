// Reclamation by epochs (Fraser 2004): a node is freed three epochs after it was retired.
//
// A thread inside announces the epoch it saw. The epoch advances only when all who are inside have
// announced the current one; so while a thread is inside with e, the epoch is e or e + 1, and
// whoever can still hold a node retired in e has left when it is e + 3. Announcing is seq_cst and is
// followed by a seq_cst look at the epoch, as the unlinking of a node is by a look at announcements:
// one of the two sees the other. A thread that stays inside stops all freeing.

#pragma once

#include <array>

#include "../port/sync.h"

namespace groundhog {

template <Sync S, class Node>
class Epochs {
 public:
  static constexpr uint32_t kThreads = S::kSimulated ? 6 : 1024;

  Epochs() = default;
  Epochs(const Epochs&) = delete;
  Epochs& operator=(const Epochs&) = delete;
  // While no other thread uses it.
  ~Epochs() {
    for (PerThread& each : threads_) {
      for (auto& list : each.limbo) free_all(list);
    }
  }

  void enter() {
    PerThread& mine = threads_[S::self()];
    uint32_t epoch = epoch_.load(kRelaxed);
    for (;;) {
      mine.announced.store(epoch << 1 | 1, kSeqCst);
      uint32_t again = epoch_.load(kSeqCst);
      if (again == epoch) break;
      epoch = again;
    }
    // What lies in the list that comes into use again was retired three epochs ago or more.
    if (mine.epoch != epoch) {
      free_all(mine.limbo[epoch % 3]);
      mine.epoch = epoch;
    }
  }

  void leave() { threads_[S::self()].announced.store(0, kRelease); }

  // Inside. The node is unlinked: nobody who enters from now on finds it.
  void retire(Node* node) {
    PerThread& mine = threads_[S::self()];
    auto& list = mine.limbo[mine.epoch % 3];
    node->next_retired = list.read();
    list = node;
    try_to_advance(mine.epoch);
  }

 private:
  struct alignas(64) PerThread {
    typename S::template Atomic<uint32_t> announced{0};  // epoch << 1 | 1, or 0 outside
    typename S::template Plain<uint32_t> epoch{0};
    std::array<typename S::template Plain<Node*>, 3> limbo;
    PerThread() {
      for (auto& list : limbo) list = nullptr;
    }
  };

  void try_to_advance(uint32_t epoch) {
    for (PerThread& each : threads_) {
      uint32_t announced = each.announced.load(kSeqCst);
      if ((announced & 1) != 0 && announced >> 1 != epoch) return;
    }
    epoch_.compare_exchange_strong(epoch, epoch + 1, kSeqCst, kRelaxed);
  }

  static void free_all(typename S::template Plain<Node*>& list) {
    for (Node* node = list; node != nullptr;) {
      Node* next = node->next_retired;
      S::destroy(node);
      node = next;
    }
    list = nullptr;
  }

  typename S::template Atomic<uint32_t> epoch_{0};
  std::array<PerThread, kThreads> threads_;
};

}  // namespace groundhog
