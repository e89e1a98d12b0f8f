// Wait-free queue of many producers and consumers (Kogan and Petrank, PPoPP 2011).
//
// Michael and Scott's list, and one descriptor a thread that says what the thread is about to do and
// in which phase. A thread takes a phase above all it sees, announces its descriptor, and helps
// everybody whose phase is not above its own; so an operation ends when every other thread has taken
// a bounded number of steps. Each of the three parts of an operation happens once, whoever does it:
//
//   push:  link the node behind the last (linearisation), mark the descriptor done, swing `tail`
//   pop:   write the popper's number into the first node (linearisation), mark done, swing `head`
//
// Descriptors and nodes are freed by epochs, and all operations are inside of one: what a
// compare-and-swap compares is not freed meanwhile, so there is no ABA. All is seq_cst, as in the
// paper.

#pragma once

#include <array>
#include <optional>

#include "epochs.h"

namespace groundhog {

template <Sync S, class T, uint32_t kThreads>
class WaitFreeQueue {
  static constexpr uint32_t kNobody = UINT32_MAX;

 public:
  struct Node {
    typename S::template Plain<T> value;
    typename S::template Plain<uint32_t> pusher{kNobody};
    typename S::template Atomic<uint32_t> popper{kNobody};
    typename S::template Atomic<Node*> next{nullptr};
    typename S::template Plain<Node*> next_retired;
  };
  struct Intent {
    uint64_t phase;
    bool pending;
    bool push;
    Node* node;
  };
  struct Descriptor {
    typename S::template Plain<Intent> intent;
    typename S::template Plain<Descriptor*> next_retired;
  };

  WaitFreeQueue() {
    Node* first = S::template make<Node>();
    head_.store(first, kRelaxed);
    tail_.store(first, kRelaxed);
    for (auto& each : descriptors_) each.store(describe({0, false, true, nullptr}), kRelaxed);
  }
  WaitFreeQueue(const WaitFreeQueue&) = delete;
  WaitFreeQueue& operator=(const WaitFreeQueue&) = delete;
  // While no other thread uses it.
  ~WaitFreeQueue() {
    for (Node* node = head_.load(kRelaxed); node != nullptr;) {
      Node* next = node->next.load(kRelaxed);
      S::destroy(node);
      node = next;
    }
    for (auto& each : descriptors_) S::destroy(each.load(kRelaxed));
  }

  // `self` is a number below kThreads that no other thread uses.
  void push(uint32_t self, T value) {
    enter();
    Node* node = S::template make<Node>();
    node->value = std::move(value);
    node->pusher = self;
    uint64_t phase = next_phase();
    announce(self, {phase, true, true, node});
    help_all(phase);
    finish_push();
    leave();
  }

  std::optional<T> pop(uint32_t self) {
    enter();
    uint64_t phase = next_phase();
    announce(self, {phase, true, false, nullptr});
    help_all(phase);
    finish_pop();
    std::optional<T> value;
    Node* before = intent_of(self).node;
    if (before != nullptr) {
      value = before->next.load(kSeqCst)->value.read();
      nodes_.retire(before);
    }
    leave();
    return value;
  }

 private:
  void enter() {
    nodes_.enter();
    intents_.enter();
  }
  void leave() {
    intents_.leave();
    nodes_.leave();
  }

  static Descriptor* describe(Intent intent) {
    Descriptor* made = S::template make<Descriptor>();
    made->intent = intent;
    return made;
  }
  Intent intent_of(uint32_t thread) { return descriptors_[thread].load(kSeqCst)->intent; }
  void announce(uint32_t self, Intent intent) {
    intents_.retire(descriptors_[self].exchange(describe(intent), kSeqCst));
  }
  bool replace(uint32_t thread, Descriptor* seen, Intent intent) {
    Descriptor* made = describe(intent);
    Descriptor* expected = seen;
    bool replaced = descriptors_[thread].compare_exchange_strong(expected, made, kSeqCst, kSeqCst);
    if (replaced) {
      intents_.retire(seen);
    } else {
      S::destroy(made);
    }
    return replaced;
  }

  uint64_t next_phase() {
    uint64_t most = 0;
    for (uint32_t thread = 0; thread < kThreads; ++thread) {
      uint64_t phase = intent_of(thread).phase;
      if (phase > most) most = phase;
    }
    return most + 1;
  }
  bool is_pending(uint32_t thread, uint64_t phase) {
    Intent intent = intent_of(thread);
    return intent.pending && intent.phase <= phase;
  }

  void help_all(uint64_t phase) {
    for (uint32_t thread = 0; thread < kThreads; ++thread) {
      Intent intent = intent_of(thread);
      if (!intent.pending || intent.phase > phase) continue;
      if (intent.push) {
        help_push(thread, phase);
      } else {
        help_pop(thread, phase);
      }
    }
  }

  void help_push(uint32_t thread, uint64_t phase) {
    while (is_pending(thread, phase)) {
      Node* last = tail_.load(kSeqCst);
      Node* next = last->next.load(kSeqCst);
      if (last != tail_.load(kSeqCst)) continue;
      if (next != nullptr) {
        finish_push();
        continue;
      }
      if (!is_pending(thread, phase)) return;
      Node* node = intent_of(thread).node;
      if (last->next.compare_exchange_strong(next, node, kSeqCst, kSeqCst)) {
        finish_push();
        return;
      }
    }
  }

  // Ends the push whose node is linked behind the last.
  void finish_push() {
    Node* last = tail_.load(kSeqCst);
    Node* next = last->next.load(kSeqCst);
    if (next == nullptr) return;
    uint32_t thread = next->pusher;
    Descriptor* seen = descriptors_[thread].load(kSeqCst);
    Intent intent = seen->intent;
    if (last != tail_.load(kSeqCst)) return;
    if (intent.node == next && intent.pending) {
      replace(thread, seen, {intent.phase, false, true, next});
    }
    tail_.compare_exchange_strong(last, next, kSeqCst, kSeqCst);
  }

  void help_pop(uint32_t thread, uint64_t phase) {
    while (is_pending(thread, phase)) {
      Node* first = head_.load(kSeqCst);
      Node* last = tail_.load(kSeqCst);
      Node* next = first->next.load(kSeqCst);
      if (first != head_.load(kSeqCst)) continue;
      Descriptor* seen = descriptors_[thread].load(kSeqCst);
      Intent intent = seen->intent;
      if (first == last) {
        if (next != nullptr) {
          finish_push();
        } else if (last == tail_.load(kSeqCst) && is_pending(thread, phase)) {
          replace(thread, seen, {intent.phase, false, false, nullptr});
        }
        continue;
      }
      if (!is_pending(thread, phase)) return;
      if (first == head_.load(kSeqCst) && intent.node != first) {
        if (!replace(thread, seen, {intent.phase, true, false, first})) continue;
      }
      uint32_t nobody = kNobody;
      first->popper.compare_exchange_strong(nobody, thread, kSeqCst, kSeqCst);
      finish_pop();
    }
  }

  // Ends the pop whose thread is written into the first node.
  void finish_pop() {
    Node* first = head_.load(kSeqCst);
    Node* next = first->next.load(kSeqCst);
    uint32_t thread = first->popper.load(kSeqCst);
    if (thread == kNobody) return;
    Descriptor* seen = descriptors_[thread].load(kSeqCst);
    Intent intent = seen->intent;
    if (first != head_.load(kSeqCst) || next == nullptr) return;
    if (intent.pending) replace(thread, seen, {intent.phase, false, false, intent.node});
    head_.compare_exchange_strong(first, next, kSeqCst, kSeqCst);
  }

  Epochs<S, Node> nodes_;
  Epochs<S, Descriptor> intents_;
  typename S::template Atomic<Node*> head_;
  typename S::template Atomic<Node*> tail_;
  std::array<typename S::template Atomic<Descriptor*>, kThreads> descriptors_;
};

}  // namespace groundhog
