// A small program for each structure of ds/, with what must hold at its end. Every payload is plain
// data, so that a missing release or acquire shows as a race. No program spins: what is not there is
// taken after the joins.

#pragma once

#include <cstdio>
#include <cstdlib>

#include "../alloc/heap.h"
#include "../ds/bounded_queue.h"
#include "../ds/epochs.h"
#include "../ds/hash_map.h"
#include "../ds/hazards.h"
#include "../ds/mpsc_queue.h"
#include "../ds/ms_queue.h"
#include "../ds/skip_list.h"
#include "../ds/snapshot.h"
#include "../ds/spsc_ring.h"
#include "../ds/treiber_stack.h"
#include "../ds/wait_free_counter.h"
#include "../ds/wait_free_queue.h"
#include "../port/locks.h"
#include "../port/sim_sync.h"

namespace groundhog::programs {

// On real threads a broken promise ends the program.
template <Sync S>
void require(bool holds, const char* what) {
  if constexpr (S::kSimulated) {
    sim::require(holds, what);
  } else if (!holds) {
    std::fprintf(stderr, "not so: %s\n", what);
    std::abort();
  }
}

// Which of a few values have come out, each at most once.
template <Sync S>
class Once {
 public:
  void see(uint32_t value) {
    require<S>(value < 32, "what comes out was put in");
    require<S>((seen_ >> value & 1) == 0, "nothing comes out twice");
    seen_ |= 1u << value;
  }
  void see_all_of(const Once& other) {
    for (uint32_t value = 0; value < 32; ++value) {
      if ((other.seen_ >> value & 1) != 0) see(value);
    }
  }
  void is(uint32_t expected) const { require<S>(seen_ == expected, "all comes out"); }

 private:
  uint32_t seen_ = 0;
};

// One thread takes a block while another takes two and puts the first back: with heads that do not
// tell it from before, the second one is taken twice.
template <Sync S, uint32_t kTagStep = 1>
void treiber_stack() {
  using Stack = TreiberStack<S, 3, kTagStep>;
  Stack stack;
  typename S::template Plain<uint32_t> bytes[3] = {0, 0, 0};
  Once<S> one;
  Once<S> two;
  auto use = [&](uint32_t block) {
    if (block != Stack::kNone) bytes[block] = bytes[block] + 1;
  };
  for (uint32_t block = 3; block-- > 0;) stack.push(block);
  typename S::Thread a([&] {
    uint32_t block = stack.pop();
    use(block);
    if (block != Stack::kNone) one.see(block);
  });
  typename S::Thread b([&] {
    uint32_t first = stack.pop();
    uint32_t second = stack.pop();
    use(first);
    if (first != Stack::kNone) stack.push(first);
    if (second != Stack::kNone) two.see(second);
  });
  a.join();
  b.join();
  for (uint32_t left = 4; left > 0; --left) {
    uint32_t block = stack.pop();
    if (block == Stack::kNone) break;
    use(block);
    one.see(block);
  }
  one.see_all_of(two);
  one.is(0b111);
}

template <Sync S>
void spsc_ring() {
  SpscRing<S, uint32_t, 2> ring;
  uint32_t pushed = 0;
  uint32_t popped = 0;
  auto pop = [&] {
    if (auto value = ring.pop()) require<S>(*value == popped++, "in the order of the pushes");
  };
  typename S::Thread producer([&] {
    for (uint32_t value = 0; value < 4; ++value) pushed += ring.push(pushed) ? 1 : 0;
  });
  typename S::Thread consumer([&] {
    for (uint32_t tries = 0; tries < 3; ++tries) pop();
  });
  producer.join();
  consumer.join();
  for (uint32_t tries = 0; tries < 2; ++tries) pop();
  require<S>(pushed == popped, "all that was pushed is popped");
}

template <Sync S>
void bounded_queue() {
  BoundedQueue<S, uint32_t, 2> queue;
  Once<S> first;
  Once<S> second;
  auto life = [&](uint32_t value, Once<S>& seen) {
    return [&queue, &seen, value] {
      require<S>(queue.push(value), "there is room for both");
      if (auto got = queue.pop()) seen.see(*got);
    };
  };
  typename S::Thread a(life(0, first));
  typename S::Thread b(life(1, second));
  a.join();
  b.join();
  while (auto got = queue.pop()) first.see(*got);
  first.see_all_of(second);
  first.is(0b11);
}

template <Sync S>
void mpsc_queue() {
  MpscQueue<S, uint32_t> queue;
  Once<S> seen;
  typename S::Thread a([&] { queue.push(0); });
  typename S::Thread b([&] { queue.push(1); });
  typename S::Thread consumer([&] {
    for (uint32_t tries = 0; tries < 2; ++tries) {
      if (auto value = queue.pop()) seen.see(*value);
    }
  });
  a.join();
  b.join();
  consumer.join();
  while (auto value = queue.pop()) seen.see(*value);
  seen.is(0b11);
}

template <Sync S>
void ms_queue() {
  MsQueue<S, uint32_t> queue;
  Once<S> first;
  Once<S> second;
  auto life = [&](uint32_t value, Once<S>& seen) {
    return [&queue, &seen, value] {
      queue.push(value);
      auto got = queue.pop();
      require<S>(got.has_value(), "as many were pushed as were popped");
      seen.see(*got);
    };
  };
  typename S::Thread a(life(0, first));
  typename S::Thread b(life(1, second));
  a.join();
  b.join();
  require<S>(!queue.pop().has_value(), "it is empty");
  first.see_all_of(second);
  first.is(0b11);
}

template <Sync S>
struct Listed {
  typename S::template Plain<uint32_t> value{7};
  typename S::template Plain<Listed*> next_retired;
};

template <Sync S>
void hazards() {
  using Node = Listed<S>;
  Hazards<S, Node> domain;
  typename S::template Atomic<Node*> shared{S::template make<Node>()};
  typename S::Thread reader([&] {
    require<S>(domain.protect(shared)->value == 7, "what was published");
    domain.clear();
  });
  typename S::Thread writer([&] {
    Node* made = S::template make<Node>();
    domain.retire(shared.exchange(made, kSeqCst));
  });
  reader.join();
  writer.join();
  S::destroy(shared.load(kRelaxed));
}

template <Sync S>
void epochs() {
  using Node = Listed<S>;
  Epochs<S, Node> domain;
  typename S::template Atomic<Node*> shared{S::template make<Node>()};
  typename S::Thread reader([&] {
    domain.enter();
    require<S>(shared.load(kSeqCst)->value == 7, "what was published");
    domain.leave();
  });
  typename S::Thread writer([&] {
    for (uint32_t round = 0; round < 4; ++round) {
      domain.enter();
      Node* made = S::template make<Node>();
      domain.retire(shared.exchange(made, kSeqCst));
      domain.leave();
    }
  });
  reader.join();
  writer.join();
  S::destroy(shared.load(kRelaxed));
}

template <Sync S>
void hash_map() {
  HashMap<S, 4> map;
  typename S::template Plain<uint32_t> made[3] = {0, 0, 0};
  bool won[2] = {false, false};
  auto life = [&](uint32_t self) {
    return [&map, &made, &won, self] {
      made[self] = self + 1;
      won[self] = map.put_if_absent(5, self + 1);
      uint64_t found = map.find(5);
      require<S>(found == 1 || found == 2, "a value that was put");
      require<S>(made[found - 1] == found, "with what its writer made before");
      uint64_t before = 0;
      require<S>(map.put(9 + self, 1, before) && before == 0, "keys of others are apart");
    };
  };
  typename S::Thread a(life(0));
  typename S::Thread b(life(1));
  a.join();
  b.join();
  require<S>(won[0] != won[1], "one of the two puts it");
  require<S>(map.erase(5) != 0 && map.find(5) == 0, "erased");
}

template <Sync S>
void skip_list() {
  SkipList<S, 8, 2> list;
  using Inserted = typename SkipList<S, 8, 2>::Inserted;
  list.insert(2);
  bool erased = false;
  bool erased_too = false;
  typename S::Thread a([&] {
    require<S>(list.insert(1) == Inserted::yes, "1 was not there");
    erased = list.erase(2);
  });
  typename S::Thread b([&] {
    erased_too = list.erase(2);
    require<S>(list.insert(3) == Inserted::yes, "3 was not there");
    require<S>(list.contains(3), "3 is there");
  });
  a.join();
  b.join();
  require<S>(erased != erased_too, "one of the two erases 2");
  require<S>(list.contains(1) && !list.contains(2) && list.contains(3), "1 and 3 are left");
}

template <Sync S>
void wait_free_counter() {
  WaitFreeCounter<S> counter;
  typename S::template Plain<uint32_t> work[2] = {0, 0};
  auto life = [&](uint32_t self) {
    return [&counter, &work, self] {
      work[self] = 1;
      counter.count();
    };
  };
  typename S::Thread a(life(0));
  typename S::Thread b(life(1));
  typename S::Thread reader([&] {
    uint64_t first = counter.read();
    uint64_t second = counter.read();
    require<S>(first <= second && second <= 2, "counts never go back");
    if (second == 2) require<S>(work[0] + work[1] == 2, "what was counted is seen");
  });
  a.join();
  b.join();
  reader.join();
  require<S>(counter.read() == 2, "all is counted");
}

template <Sync S>
void snapshot() {
  using Cells = Snapshot<S, 2>;
  Cells cells;
  typename Cells::View first{};
  typename Cells::View second{};
  typename S::Thread a([&] { cells.update(0, 1); });
  typename S::Thread b([&] { cells.update(1, 1); });
  typename S::Thread c([&] { first = cells.look(); });
  typename S::Thread d([&] { second = cells.look(); });
  a.join();
  b.join();
  c.join();
  d.join();
  bool up = first[0] <= second[0] && first[1] <= second[1];
  bool down = first[0] >= second[0] && first[1] >= second[1];
  require<S>(up || down, "two views are one before the other");
  require<S>(cells.look() == typename Cells::View{1, 1}, "all updates are in");
}

template <Sync S>
void wait_free_queue() {
  WaitFreeQueue<S, uint32_t, 2> queue;
  Once<S> first;
  Once<S> second;
  auto life = [&](uint32_t self, Once<S>& seen) {
    return [&queue, &seen, self] {
      queue.push(self, self);
      auto got = queue.pop(self);
      require<S>(got.has_value(), "as many were pushed as were popped");
      seen.see(*got);
    };
  };
  typename S::Thread a(life(0, first));
  typename S::Thread b(life(1, second));
  a.join();
  b.join();
  require<S>(!queue.pop(0).has_value(), "it is empty");
  first.see_all_of(second);
  first.is(0b11);
}

// Two threads count under a lock; a third only tries.
template <Sync S, class Lock>
void counting() {
  Lock lock;
  typename S::template Plain<uint32_t> count{0};
  uint32_t expected = 2;
  auto add = [&] {
    lock.lock();
    count = count + 1;
    lock.unlock();
  };
  typename S::Thread a(add);
  typename S::Thread b(add);
  typename S::Thread c([&] {
    if (!lock.try_lock()) return;
    count = count + 1;
    lock.unlock();
    ++expected;
  });
  a.join();
  b.join();
  c.join();
  require<S>(count == expected, "all have counted");
}

// Two threads read what a third writes; what belongs together is never seen apart.
template <Sync S>
void readers_and_writer() {
  SharedLock<S> lock;
  typename S::template Plain<uint32_t> left{0};
  typename S::template Plain<uint32_t> right{0};
  auto look = [&] {
    lock.lock_shared();
    require<S>(left.read() == right.read(), "both halves");
    lock.unlock_shared();
  };
  typename S::Thread a(look);
  typename S::Thread b(look);
  typename S::Thread c([&] {
    lock.lock();
    left = left + 1;
    right = right + 1;
    lock.unlock();
  });
  a.join();
  b.join();
  c.join();
}

// Blocks of a heap that are freed by another thread than made them, while their owner goes on.
template <Sync S>
void heap() {
  using TheHeap = Heap<S, CompactShape<1>>;
  constexpr Unit kUnits = 512;
  alignas(64) static thread_local std::byte ledger[TheHeap::ledger_bytes(kUnits)];
  std::memset(ledger, 0, sizeof(ledger));
  TheHeap heap(ledger, kUnits);
  typename S::template Atomic<Unit> given{kNoUnit};
  typename S::Thread a([&] {
    auto* cache = heap.attach();
    Unit block = heap.allocate(*cache, size_t{16});
    given.store(block, kRelease);
    Unit other = heap.allocate(*cache, size_t{16});
    require<S>(other != block, "a block of its own");
    heap.free(*cache, other);
    heap.detach(*cache);
  });
  typename S::Thread b([&] {
    auto* cache = heap.attach();
    Unit block = given.exchange(kNoUnit, kAcquire);
    if (block != kNoUnit) heap.free(*cache, block);
    heap.detach(*cache);
  });
  a.join();
  b.join();
  Unit left = given.load(kRelaxed);
  if (left != kNoUnit) {
    auto* cache = heap.attach();
    heap.free(*cache, left);
    heap.detach(*cache);
  }
  require<S>(heap.holds(), "the bookkeeping agrees with itself");
  require<S>(heap.main().live_grains() == 0, "all of it is free again");
}

}  // namespace groundhog::programs
