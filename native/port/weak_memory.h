// The C++20 memory model as a machine that can be stepped: each location keeps the stores made to
// it in modification order, and a load may read any of them that the model allows.
//
//   x:  3  ->  7  ->  7'  ->  4        4 is the newest; a thread that knows of 7' may read 7' or 4
//
// What a thread knows is a vector clock. A store notes, per thread, when that thread first wrote or
// read it; the store is known to whoever knows of such a moment, and no older one may be read any
// more (coherence and happens-before in one test). Acquire and release hand clocks on through the
// stores, along release sequences too.
//
// - A store may enter the modification order below newer ones that its thread does not know of; a
//   read-modify-write follows directly the store it read (`taken`).
// - seq_cst accesses of a location read and write at or above what seq_cst accesses have seen
// there:
//   lane 0 of `seen`. seq_cst fences hand on views, which order reads without making anything
//   happen before: this is why there are two clocks, from the first such fence on.
// - The order of execution contains po, rf and the order S of seq_cst operations. What needs a
//   cycle among these is not modelled: load buffering (as in RC11), and those weak outcomes of
//   mixed seq_cst and relaxed accesses that contradict S only through relaxed reads.
// - A location remembers at least kHistory stores. Older ones cannot be read: fewer behaviours, and
//   `forgot()` says so.
//
// After Kang et al., "A Promising Semantics", 2017 (views, without promises), Lahav et al.,
// "Repairing Sequential Consistency in C/C++11", 2017, and [atomics.order] of C++20.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "clock.h"
#include "decisions.h"

namespace groundhog::sim {

using Order = std::memory_order;

constexpr bool acquires(Order order) noexcept {
  return order == Order::acquire || order == Order::acq_rel || order == Order::seq_cst ||
         order == Order::consume;
}
constexpr bool releases(Order order) noexcept {
  return order == Order::release || order == Order::acq_rel || order == Order::seq_cst;
}

struct Value {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Value&, const Value&) = default;
};

struct Knowledge {
  Clock hb;    // what happens before
  Clock view;  // what may not be unseen; kept from the first seq_cst fence on
};

struct Mind {
  Knowledge now;
  Knowledge pending;  // what relaxed loads have read, for an acquire fence to come
  Knowledge fenced;   // what relaxed stores release: `now` at the last release fence
  uint32_t lane = 0;
  bool has_pending = false;
  bool has_fenced = false;

  int32_t time() const noexcept { return now.hb.at[lane]; }
};

struct Store {
  Store* older;
  Value value;
  uint32_t id;    // counts the stores of the run
  bool taken;     // read by a read-modify-write, which comes next
  bool released;  // has something to hand on in `knowledge`
  bool has_view;  // `knowledge.view` is kept; before, it equals `knowledge.hb`
  Clock seen;
  Knowledge knowledge;
};

struct Location {
  Store* newest = nullptr;
  uint32_t run = 0;  // the run it lives in; 0 once it is freed
  uint32_t id = 0;   // counts the locations of the run
  uint32_t stores = 0;
  uint32_t open = 0;     // stores that are not taken
  uint32_t waiting = 0;  // threads that await a value here
};

class WeakMemory {
 public:
  static constexpr uint32_t kHistory = 16;

  uint32_t lanes() const noexcept { return lanes_; }
  bool forgot() const noexcept { return forgot_; }
  uint32_t stores() const noexcept { return next_store_; }

  // `weak`: without it each load reads the newest store, as if all were seq_cst.
  void begin(bool weak) noexcept {
    weak_ = weak;
    forgot_ = false;
    has_views_ = false;
    spare_ = nullptr;
    floor_ = 0;
    next_store_ = 0;
    used_stores_ = 0;
    now_seq_cst_ = 0;
    fences_.fill(0, Clock::kLanes);
  }

  // A new thread knows what its creator knows.
  void begin_thread(Mind& mind, uint32_t thread, Mind* creator) noexcept {
    mind.lane = Clock::lane_of(thread);
    while (mind.lane >= lanes_) lanes_ += 4;
    mind.has_pending = mind.has_fenced = false;
    if (creator == nullptr) {
      mind.now.hb.fill(0, Clock::kLanes);
      mind.now.view.fill(0, Clock::kLanes);
    } else {
      mind.now.hb.copy(creator->now.hb, Clock::kLanes);
      if (has_views_) mind.now.view.copy(creator->now.view, Clock::kLanes);
      tick(*creator);
    }
    mind.now.hb.at[mind.lane] = 1;
    if (has_views_) mind.now.view.at[mind.lane] = 1;
  }

  void join_thread(Mind& mind, const Mind& ended) noexcept { learn(mind.now, ended.now, true); }

  void create(Mind& mind, Location& at, Value value) noexcept {
    Store& store = new_store(value);
    store.older = nullptr;
    store.released = false;
    store.seen.at[mind.lane] = mind.time();
    at.newest = &store;
    at.stores = at.open = 1;
  }

  // `branch(site, count)` answers with a number below `count`; 0 is the calmest.
  template <class Branch>
  const Store& load(Mind& mind, Location& at, Order order, Branch branch) noexcept {
    tick(mind);
    return *read(mind, at, order, branch, [](const Store&) { return true; });
  }

  // The load of a thread that waits until `wanted(value)`; there is such a store to read.
  template <class Branch, class Wanted>
  const Store& load_wanted(Mind& mind, Location& at, Order order, Branch branch, Wanted wanted) {
    tick(mind);
    return *read(mind, at, order, branch, [&](const Store& store) { return wanted(store.value); });
  }

  // Whether this thread may read a store with such a value now.
  template <class Wanted>
  bool can_read(const Mind& mind, const Location& at, Order order, Wanted wanted) const noexcept {
    for (const Store* store = at.newest; store != nullptr; store = store->older) {
      if (wanted(store->value)) return true;
      if (!weak_ || is_known(*store, mind, order)) return false;
    }
    return false;
  }

  // Whether it may read a store that is no older than `floor`; `expected` is that of a
  // compare-and-swap, `updates` says whether the read is part of a read-modify-write.
  bool can_read_from(uint32_t floor, const Mind& mind, const Location& at, Order order,
                     bool updates, const Value* expected) const noexcept {
    for (const Store* store = at.newest; store != nullptr; store = store->older) {
      bool fails = expected != nullptr && store->value != *expected;
      if (store->id >= floor && (!updates || !store->taken || fails)) return true;
      if (!weak_ || is_known(*store, mind, order)) return false;
    }
    return false;
  }

  template <class Branch>
  const Store& store(Mind& mind, Location& at, Value value, Order order, Branch branch) noexcept {
    tick(mind);
    Store* below = at.newest;
    if (weak_ && !is_known(*below, mind, order)) {
      Store* candidates[kCandidatesMax];
      uint32_t count = 0;
      for (Store* each = below; each != nullptr; each = each->older) {
        if (!each->taken) candidates[count++] = each;
        if (count == kCandidatesMax || is_known(*each, mind, order)) break;
      }
      below = candidates[count > 1 ? branch(Site::place, count) : 0];
    }
    Store& made = new_store(value);
    publish(mind, made, nullptr, order);
    insert(at, made, below);
    tick(mind);
    return made;
  }

  // The store that was read, and the new one: `change` makes its value from the old one's.
  template <class Branch, class Change>
  std::pair<const Store*, const Store*> update(Mind& mind, Location& at, Order order, Branch branch,
                                               Change change) noexcept {
    tick(mind);
    Store* old = at.open == 1 ? at.newest : choose(mind, at, order, branch, untaken);
    return {old, &replace(mind, at, old, change(old->value), order)};
  }

  // As `update`, when the store that it chose to read holds `expected`; a mere load otherwise, and
  // then the second is null. A weak one may fail for no reason.
  template <class Branch>
  std::pair<const Store*, const Store*> update_if(Mind& mind, Location& at, Value expected,
                                                  Value desired, Order success, Order failure,
                                                  bool weak, Branch branch) noexcept {
    tick(mind);
    Order order = success == Order::seq_cst || failure == Order::seq_cst ? Order::seq_cst : success;
    Store* old = choose(mind, at, order, branch, [&](const Store& store) {
      return !store.taken || store.value != expected;
    });
    bool matches = old->value == expected;
    if (matches && weak && branch(Site::weak_cas, 2) == 1) matches = false;
    if (matches) return {old, &replace(mind, at, old, desired, success)};
    see(mind, *old, failure);
    return {old, nullptr};
  }

  void fence(Mind& mind, Order order) noexcept {
    tick(mind);
    if (order == Order::seq_cst && !has_views_) split_views();
    if (acquires(order) && mind.has_pending) learn(mind.now, mind.pending, has_views_);
    if (order == Order::seq_cst) {
      mind.now.view.join(fences_, lanes_);
      mind.now.view.at[Clock::kLaneSeqCst] = ++now_seq_cst_;
      fences_.join(mind.now.view, lanes_);
    }
    if (releases(order)) {
      copy(mind.fenced, mind.now);
      mind.has_fenced = true;
      tick(mind);
    }
  }

  // The next load reads no store that is older than this in the run; when it has no other, it asks
  // for a branch without outcomes.
  void read_only_from(uint32_t store) noexcept { floor_ = store; }

  // Whether seq_cst operations know the newest store, so that a seq_cst load can read no other.
  static bool is_settled(const Location& at) noexcept {
    return at.newest->seen.at[Clock::kLaneSeqCst] != kNever;
  }
  // Whether a seq_cst load, since the last time this was asked, was the first to see its store.
  bool has_settled() noexcept { return std::exchange(settled_, false); }

  // A lock: the one who takes it knows what the one who gave it back knew.
  void acquire(Mind& mind, const Knowledge& from) noexcept {
    tick(mind);
    learn(mind.now, from, true);
    if (has_views_) mind.now.view.join(from.hb, lanes_);  // given back before the first fence
  }
  void release(Mind& mind, Knowledge& to) noexcept {
    tick(mind);
    if (has_views_) to.view.join(mind.now.view, lanes_);
    to.hb.join(mind.now.hb, lanes_);
    tick(mind);
  }

  // For `seq_cst` fences that come later, every mind must be known from the start.
  void remember(Mind& mind) { minds_.push_back(&mind); }
  void forget_minds() noexcept { minds_.clear(); }

 private:
  static constexpr uint32_t kCandidatesMax = 2 * kHistory;
  static constexpr uint32_t kChunk = 256;

  static bool untaken(const Store& store) noexcept { return !store.taken; }

  void tick(Mind& mind) const noexcept {
    int32_t time = ++mind.now.hb.at[mind.lane];
    if (has_views_) mind.now.view.at[mind.lane] = time;
  }

  const Clock& view_of(const Mind& mind) const noexcept {
    return has_views_ ? mind.now.view : mind.now.hb;
  }

  bool is_known(const Store& store, const Mind& mind, Order order) const noexcept {
    if (store.seen.any_within(view_of(mind), lanes_)) return true;
    if (order != Order::seq_cst) return false;
    return store.seen.at[Clock::kLaneSeqCst] != kNever ||
           (has_views_ && store.seen.any_within(fences_, lanes_));
  }

  template <class Branch, class Eligible>
  Store* choose(Mind& mind, Location& at, Order order, Branch branch, Eligible eligible) noexcept {
    bool only_newest = !weak_ || is_known(*at.newest, mind, order);
    if (only_newest && floor_ == 0) return at.newest;
    Store* candidates[kCandidatesMax];
    uint32_t count = 0;
    for (Store* each = at.newest; each != nullptr; each = each->older) {
      if (eligible(*each) && each->id >= floor_) candidates[count++] = each;
      if (only_newest || count == kCandidatesMax || is_known(*each, mind, order)) break;
    }
    return candidates[count != 1 ? branch(Site::read, count) : 0];
  }

  template <class Branch, class Eligible>
  Store* read(Mind& mind, Location& at, Order order, Branch branch, Eligible eligible) noexcept {
    Store* store = choose(mind, at, order, branch, eligible);
    see(mind, *store, order);
    return store;
  }

  void see(Mind& mind, Store& store, Order order) noexcept {
    int32_t& first = store.seen.at[mind.lane];
    if (first == kNever) first = mind.time();
    if (order == Order::seq_cst) see_seq_cst(store);
    if (!store.released) return;
    if (acquires(order)) {
      learn(mind.now, store.knowledge, store.has_view);
      return;
    }
    if (!mind.has_pending) {
      mind.has_pending = true;
      mind.pending.hb.fill(0, Clock::kLanes);
      mind.pending.view.fill(0, Clock::kLanes);
    }
    learn(mind.pending, store.knowledge, store.has_view);
  }

  void see_seq_cst(Store& store) noexcept {
    int32_t& first = store.seen.at[Clock::kLaneSeqCst];
    int32_t now = ++now_seq_cst_;
    if (first != kNever) return;
    first = now;
    settled_ = true;
  }

  Store& replace(Mind& mind, Location& at, Store* old, Value value, Order order) noexcept {
    see(mind, *old, order);
    old->taken = true;
    at.open -= 1;
    Store& made = new_store(value);
    publish(mind, made, old, order);
    insert(at, made, old);
    tick(mind);
    return made;
  }

  // What the reader of `made` will learn; `head` is the store that a read-modify-write replaces.
  void publish(Mind& mind, Store& made, const Store* head, Order order) noexcept {
    made.seen.at[mind.lane] = mind.time();
    if (order == Order::seq_cst) made.seen.at[Clock::kLaneSeqCst] = ++now_seq_cst_;
    const Knowledge* own = releases(order) ? &mind.now : mind.has_fenced ? &mind.fenced : nullptr;
    made.released = own != nullptr;
    if (own != nullptr) {
      copy(made.knowledge, *own);
      made.has_view = has_views_;
    }
    if (head == nullptr || !head->released) return;
    if (made.released) {
      if (own == &mind.now && acquires(order)) return;  // it was learned when `head` was read
      learn(made.knowledge, head->knowledge, head->has_view);
    } else {
      made.released = true;
      made.has_view = head->has_view;
      made.knowledge.hb.copy(head->knowledge.hb, lanes_);
      if (made.has_view) made.knowledge.view.copy(head->knowledge.view, lanes_);
    }
  }

  void insert(Location& at, Store& made, Store* below) noexcept {
    made.older = below;
    if (at.newest == below) {
      at.newest = &made;
    } else {
      Store* above = at.newest;
      while (above->older != below) above = above->older;
      above->older = &made;
    }
    at.open += 1;
    if (++at.stores == 2 * kHistory) trim(at);
  }

  void trim(Location& at) noexcept {
    Store* last = at.newest;
    for (uint32_t kept = 1; kept < kHistory; ++kept) last = last->older;
    at.stores = kHistory;
    while (Store* gone = last->older) {
      last->older = gone->older;
      if (!gone->taken) at.open -= 1;
      gone->older = spare_;
      spare_ = gone;
    }
    forgot_ = true;
  }

  Store& new_store(Value value) noexcept {
    Store* store = spare_;
    if (store != nullptr) {
      spare_ = store->older;
    } else {
      if (used_stores_ == chunks_.size() * kChunk) add_chunk();
      store = &chunks_[used_stores_ / kChunk][used_stores_ % kChunk];
      ++used_stores_;
    }
    store->value = value;
    store->id = next_store_++;
    store->taken = false;
    store->seen.fill(kNever, lanes_);
    return *store;
  }

  // Lanes beyond `lanes_` are never written, so they stay as they are here when `lanes_` grows.
  void add_chunk() {
    chunks_.push_back(std::make_unique<Store[]>(kChunk));
    for (uint32_t at = 0; at < kChunk; ++at) {
      Store& store = chunks_.back()[at];
      store.seen.fill(kNever, Clock::kLanes);
      store.knowledge.hb.fill(0, Clock::kLanes);
      store.knowledge.view.fill(0, Clock::kLanes);
    }
  }

  void copy(Knowledge& to, const Knowledge& from) const noexcept {
    to.hb.copy(from.hb, lanes_);
    if (has_views_) to.view.copy(from.view, lanes_);
  }

  void learn(Knowledge& to, const Knowledge& from, bool from_has_view) const noexcept {
    to.hb.join(from.hb, lanes_);
    if (has_views_) to.view.join(from_has_view ? from.view : from.hb, lanes_);
  }

  void split_views() noexcept {
    has_views_ = true;
    for (Mind* mind : minds_) {
      for (Knowledge* each : {&mind->now, &mind->pending, &mind->fenced}) {
        each->view.copy(each->hb, Clock::kLanes);
      }
    }
  }

  uint32_t lanes_ = 4;
  bool weak_ = true;
  bool forgot_ = false;
  bool has_views_ = false;
  bool settled_ = false;
  int32_t now_seq_cst_ = 0;
  Clock fences_;  // what seq_cst fences have handed on
  Store* spare_ = nullptr;
  uint32_t floor_ = 0;
  uint32_t next_store_ = 0;
  uint32_t used_stores_ = 0;
  std::vector<std::unique_ptr<Store[]>> chunks_;
  std::vector<Mind*> minds_;
};

}  // namespace groundhog::sim
