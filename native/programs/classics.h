// The classic programs of weak memory, with the orders as parameters: what is enough, and what is
// not.

#pragma once

#include "../port/sim_sync.h"

namespace groundhog::programs {

using sim::require;
using sim::SimSync;

// A flag says that data is ready.
template <Order kStore, Order kLoad>
void message_passing() {
  SimSync::Plain<uint32_t> data{0};
  SimSync::Atomic<uint32_t> ready{0};
  SimSync::Thread writer([&] {
    data = 42;
    ready.store(1, kStore);
  });
  SimSync::Thread reader([&] {
    if (ready.load(kLoad) == 1) require(data == 42, "the data that was published");
  });
  writer.join();
  reader.join();
}

// The same by fences around a relaxed flag.
template <bool kFences>
void message_passing_by_fences() {
  SimSync::Plain<uint32_t> data{0};
  SimSync::Atomic<uint32_t> ready{0};
  SimSync::Thread writer([&] {
    data = 42;
    if (kFences) SimSync::fence(kRelease);
    ready.store(1, kRelaxed);
  });
  SimSync::Thread reader([&] {
    uint32_t is_ready = ready.load(kRelaxed);
    if (kFences) SimSync::fence(kAcquire);
    if (is_ready == 1) require(data == 42, "the data that was published");
  });
  writer.join();
  reader.join();
}

// Each says that it comes, and then looks for the other: who sees nobody enters (Dekker).
template <Order kStore, Order kLoad, bool kFences = false>
void store_buffering() {
  SimSync::Atomic<uint32_t> wants[2] = {0, 0};
  bool entered[2] = {false, false};
  auto life = [&](uint32_t self) {
    return [&wants, &entered, self] {
      wants[self].store(1, kStore);
      if (kFences) SimSync::fence(kSeqCst);
      entered[self] = wants[1 - self].load(kLoad) == 0;
    };
  };
  SimSync::Thread a(life(0));
  SimSync::Thread b(life(1));
  a.join();
  b.join();
  require(!(entered[0] && entered[1]), "one at a time");
}

// Two readers agree on the order of two writes that have nothing to do with each other.
template <Order kStore, Order kLoad>
void independent_reads() {
  SimSync::Atomic<uint32_t> x{0};
  SimSync::Atomic<uint32_t> y{0};
  bool x_first = false;
  bool y_first = false;
  SimSync::Thread a([&] { x.store(1, kStore); });
  SimSync::Thread b([&] { y.store(1, kStore); });
  SimSync::Thread c([&] { x_first = x.load(kLoad) == 1 && y.load(kLoad) == 0; });
  SimSync::Thread d([&] { y_first = y.load(kLoad) == 1 && x.load(kLoad) == 0; });
  a.join();
  b.join();
  c.join();
  d.join();
  require(!(x_first && y_first), "one order for all");
}

// What was read is handed on through a third thread.
template <Order kStore, Order kLoad>
void causality() {
  SimSync::Atomic<uint32_t> x{0};
  SimSync::Atomic<uint32_t> y{0};
  SimSync::Thread a([&] { x.store(1, kRelaxed); });
  SimSync::Thread b([&] {
    if (x.load(kRelaxed) == 1) y.store(1, kStore);
  });
  SimSync::Thread c([&] {
    if (y.load(kLoad) == 1) require(x.load(kRelaxed) == 1, "what the writer of y had seen");
  });
  a.join();
  b.join();
  c.join();
}

// Peterson's lock for two threads, without waiting: who cannot enter goes away.
template <Order kOrder>
void peterson() {
  SimSync::Atomic<uint32_t> wants[2] = {0, 0};
  SimSync::Atomic<uint32_t> turn{0};
  SimSync::Plain<uint32_t> inside{0};
  constexpr Order kStore = kOrder == kSeqCst ? kSeqCst : kRelease;
  constexpr Order kLoad = kOrder == kSeqCst ? kSeqCst : kAcquire;
  auto life = [&](uint32_t self) {
    return [&wants, &turn, &inside, self] {
      wants[self].store(1, kStore);
      turn.store(1 - self, kStore);
      bool enters = wants[1 - self].load(kLoad) == 0 || turn.load(kLoad) == self;
      if (!enters) return;
      inside = inside + 1;
      wants[self].store(0, kStore);
    };
  };
  SimSync::Thread a(life(0));
  SimSync::Thread b(life(1));
  a.join();
  b.join();
}

}  // namespace groundhog::programs
