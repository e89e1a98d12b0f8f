// The litmus programs that the engine is compared on: the classics, and random ones.

#pragma once

#include "../port/depth_first.h"
#include "../port/dpor.h"
#include "axioms.h"
#include "check.h"

namespace groundhog::test {

inline Op random_op(Random& random) {
  static constexpr Order kLoads[] = {Order::relaxed, Order::acquire, Order::seq_cst};
  static constexpr Order kStores[] = {Order::relaxed, Order::release, Order::seq_cst};
  static constexpr Order kUpdates[] = {Order::relaxed, Order::acquire, Order::release,
                                       Order::acq_rel, Order::seq_cst};
  static constexpr Order kFences[] = {Order::acquire, Order::release, Order::acq_rel,
                                      Order::seq_cst};
  uint32_t location = random.below(2);
  uint32_t value = 1 + random.below(2);
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2: return {Op::Kind::load, kLoads[random.below(3)], location};
    case 3:
    case 4: return {Op::Kind::store, kStores[random.below(3)], location, value};
    case 5: return {Op::Kind::add, kUpdates[random.below(5)], location, value};
    case 6: return {Op::Kind::cas, kUpdates[random.below(5)], location, value, random.below(2)};
    default: return {Op::Kind::fence, kFences[random.below(4)]};
  }
}

inline Program random_program(Random& random) {
  Program program(2 + random.below(2));
  uint32_t most = program.size() == 2 ? 4 : 2;
  for (std::vector<Op>& thread : program) {
    for (uint32_t at = 1 + random.below(most); at > 0; --at) thread.push_back(random_op(random));
  }
  return program;
}

inline Op load(Order order, uint32_t at) { return {Op::Kind::load, order, at}; }
inline Op store(Order order, uint32_t at, uint32_t value) { return {Op::Kind::store, order, at, value}; }
inline Op add(Order order, uint32_t at) { return {Op::Kind::add, order, at, 1}; }
inline Op cas(Order order, uint32_t at) { return {Op::Kind::cas, order, at, 2, 0}; }
inline Op fence(Order order) { return {Op::Kind::fence, order}; }

struct Known {
  const char* name;
  size_t executions;
  Program program;
};

constexpr uint32_t x = 0;
constexpr uint32_t y = 1;

// The classics, with the number of their consistent executions.
inline const Known kClassics[] = {
    {"message passing, relaxed",
     4,
     {{store(kRelaxed, x, 1), store(kRelaxed, y, 1)}, {load(kRelaxed, y), load(kRelaxed, x)}}},
    {"message passing",
     3,
     {{store(kRelaxed, x, 1), store(kRelease, y, 1)}, {load(kAcquire, y), load(kRelaxed, x)}}},
    {"message passing by fences",
     3,
     {{store(kRelaxed, x, 1), fence(kRelease), store(kRelaxed, y, 1)},
      {load(kRelaxed, y), fence(kAcquire), load(kRelaxed, x)}}},
    {"store buffering",
     4,
     {{store(kRelease, x, 1), load(kAcquire, y)}, {store(kRelease, y, 1), load(kAcquire, x)}}},
    {"store buffering, seq_cst",
     3,
     {{store(kSeqCst, x, 1), load(kSeqCst, y)}, {store(kSeqCst, y, 1), load(kSeqCst, x)}}},
    {"store buffering by fences",
     3,
     {{store(kRelaxed, x, 1), fence(kSeqCst), load(kRelaxed, y)},
      {store(kRelaxed, y, 1), fence(kSeqCst), load(kRelaxed, x)}}},
    {"load buffering",
     3,
     {{load(kRelaxed, x), store(kRelaxed, y, 1)}, {load(kRelaxed, y), store(kRelaxed, x, 1)}}},
    {"two times two writes",
     4,
     {{store(kRelaxed, x, 1), store(kRelaxed, y, 2)},
      {store(kRelaxed, y, 1), store(kRelaxed, x, 2)}}},
    {"two times two writes, seq_cst",
     3,
     {{store(kSeqCst, x, 1), store(kSeqCst, y, 2)}, {store(kSeqCst, y, 1), store(kSeqCst, x, 2)}}},
    {"independent reads of independent writes",
     16,
     {{store(kRelease, x, 1)},
      {load(kAcquire, x), load(kAcquire, y)},
      {load(kAcquire, y), load(kAcquire, x)},
      {store(kRelease, y, 1)}}},
    {"independent reads of independent writes, seq_cst",
     15,
     {{store(kSeqCst, x, 1)},
      {load(kSeqCst, x), load(kSeqCst, y)},
      {load(kSeqCst, y), load(kSeqCst, x)},
      {store(kSeqCst, y, 1)}}},
    {"write to read causality",
     7,
     {{store(kRelaxed, x, 1)},
      {load(kRelaxed, x), store(kRelease, y, 1)},
      {load(kAcquire, y), load(kRelaxed, x)}}},
    {"a release sequence through an update",
     9,
     {{store(kRelaxed, x, 1), store(kRelease, y, 1)},
      {add(kRelaxed, y)},
      {load(kAcquire, y), load(kRelaxed, x)}}},
    {"one compare-and-swap wins", 3, {{cas(kRelaxed, x)}, {cas(kRelaxed, x)}, {cas(kRelaxed, x)}}},
    {"updates that may come in either order",
     4,
     {{add(kAcqRel, x), store(kRelaxed, y, 1)}, {add(kAcqRel, x), load(kRelaxed, y)}}},
};

}  // namespace groundhog::test
