// Michael and Scott's queue (PODC 1996), with hazard pointers for its nodes.
//
//   head (its value was taken) -> node -> node <- tail, or the one before
//
// A push links its node behind the last (its linearisation) and then swings `tail`, which any thread
// does for one that stopped between; a pop swings `head` to the next node (its linearisation; of an
// empty pop, the load of `next`), and what was head is retired. `head` never passes `tail`. ABA
// cannot be: a protected node is not freed, so it cannot come back.

#pragma once

#include <optional>

#include "hazards.h"

namespace groundhog {

template <Sync S, class T>
class MsQueue {
 public:
  struct Node {
    typename S::template Atomic<Node*> next{nullptr};
    typename S::template Plain<T> value;
    typename S::template Plain<Node*> next_retired;
  };

  MsQueue() : MsQueue(S::template make<Node>()) {}
  MsQueue(const MsQueue&) = delete;
  MsQueue& operator=(const MsQueue&) = delete;
  // While no other thread uses it.
  ~MsQueue() {
    for (Node* node = head_.load(kRelaxed); node != nullptr;) {
      Node* next = node->next.load(kRelaxed);
      S::destroy(node);
      node = next;
    }
  }

  void push(T value) {
    Node* node = S::template make<Node>();
    node->value = std::move(value);
    for (;;) {
      Node* tail = hazards_.protect(tail_);
      Node* next = tail->next.load(kAcquire);
      if (next != nullptr) {
        tail_.compare_exchange_strong(tail, next, kSeqCst, kRelaxed);
      } else if (tail->next.compare_exchange_strong(next, node, kRelease, kRelaxed)) {
        tail_.compare_exchange_strong(tail, node, kSeqCst, kRelaxed);
        break;
      }
    }
    hazards_.clear();
  }

  std::optional<T> pop() {
    std::optional<T> value;
    for (;;) {
      Node* head = hazards_.protect(head_, 0);
      Node* next = hazards_.protect(head->next, 1);
      if (head_.load(kSeqCst) != head) continue;  // else `next` may have been freed before
      if (next == nullptr) break;
      Node* tail = tail_.load(kSeqCst);
      if (head == tail) tail_.compare_exchange_strong(tail, next, kSeqCst, kRelaxed);
      if (!head_.compare_exchange_strong(head, next, kSeqCst, kRelaxed)) continue;
      value = next->value.read();
      hazards_.clear(0);
      hazards_.clear(1);
      hazards_.retire(head);
      return value;
    }
    hazards_.clear(0);
    hazards_.clear(1);
    return value;
  }

 private:
  explicit MsQueue(Node* first) : head_(first), tail_(first) {}

  Hazards<S, Node, 2> hazards_;
  alignas(64) typename S::template Atomic<Node*> head_;
  alignas(64) typename S::template Atomic<Node*> tail_;
};

}  // namespace groundhog
