// Queue of many producers and one consumer (Vyukov 2009).
//
//   oldest (the consumer's; its value was taken) -> node -> node <- newest
//
// A push is one exchange of `newest`, then a link from the node before: wait-free. Between the two
// the chain is broken, and the consumer sees an empty queue although later pushes have ended; so
// what is ordered by a push that ended before is not always there yet. The link is released and
// acquired: it carries the node's value.

#pragma once

#include <optional>

#include "../port/sync.h"

namespace groundhog {

template <Sync S, class T>
class MpscQueue {
  struct Node {
    typename S::template Atomic<Node*> next{nullptr};
    typename S::template Plain<T> value;
  };

 public:
  MpscQueue() : oldest_(S::template make<Node>()), newest_(oldest_.read()) {}
  MpscQueue(const MpscQueue&) = delete;
  MpscQueue& operator=(const MpscQueue&) = delete;
  // While no other thread uses it.
  ~MpscQueue() {
    while (pop()) {
    }
    S::destroy(oldest_.read());
  }

  void push(T value) {
    Node* node = S::template make<Node>();
    node->value = std::move(value);
    Node* before = newest_.exchange(node, kAcqRel);
    before->next.store(node, kRelease);
  }

  std::optional<T> pop() {
    Node* oldest = oldest_;
    Node* next = oldest->next.load(kAcquire);
    if (next == nullptr) return std::nullopt;
    T value = next->value;
    oldest_ = next;
    S::destroy(oldest);
    return value;
  }

 private:
  typename S::template Plain<Node*> oldest_;
  typename S::template Atomic<Node*> newest_;
};

}  // namespace groundhog
