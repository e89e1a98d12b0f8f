// All runs of a program but for those that only swap independent steps: dynamic partial-order
// reduction with source sets and sleep sets (Abdulla, Aronis, Jonsson and Sagonas, POPL 2014).
//
// A run is a path of decisions. For each new step e' and each earlier step e of another thread that
// races with it (together they could have gone otherwise, and nothing orders them), some thread
// that leads towards e' before e is wanted at the place of e. A thread that was explored at a place
// sleeps there, until a step changes what its own would do.
//
// Where loads read the newest store, two steps on one location conflict if one of them writes, as
// in the textbook. The weak memory model asks for less, since a store may enter below newer ones
// and a load may read below it:
//
// - Only what a load reads is ordered before it. All else on one location commutes, so long as the
//   two are not both seq_cst.
// - A store done early only adds possibilities. A race is one of a read and a later write, which
// the
//   read could have read.
// - A read that sleeps while its location is written wakes up, but only for what is new: the stores
//   that it could read when it fell asleep were all explored (`floors`). With one writer and n
//   readers this makes 2^n runs of what would be 3^n.
//
// That no outcome is lost is tested: on random programs, against plain depth-first search and
// against an enumerator of the axioms of the memory model.

#pragma once

#include <algorithm>
#include <vector>

#include "engine.h"
#include "spurious.h"

namespace groundhog::sim {

class Dpor : public Strategy {
 public:
  Dpor() { asked_always = true; }

  // Prepares the next run; false when there is none.
  bool next() {
    while (!path_.empty()) {
      Node& node = path_.back();
      if (node.is_pick) {
        node.here.sleeping |= bit(node.outcome);
        node.here.only_new &= ~bit(node.outcome);
        node.here.floors[node.outcome] = node.stores;
        uint32_t left = node.wanted & ~node.here.resting();
        if (left != 0) {
          node.outcome = static_cast<uint32_t>(__builtin_ctz(left));
          return true;
        }
      } else if (++node.outcome < node.count) {
        return true;
      }
      path_.pop_back();
    }
    return false;
  }

  void begin(Engine&) override {
    at_ = 0;
    spurious_.begin();
    repeated_ = path_.size();
    here_ = {};
    events_.clear();
    for (Clock& clock : clocks_) clock.fill(0, Clock::kLanes);
  }

  uint32_t pick(Engine& engine, uint32_t ready) override {
    if (at_ == path_.size()) {
      here_.dormant = without_new(engine);
      uint32_t candidates = ready & ~here_.resting();
      if (candidates == 0) engine.fail(Verdict::pruned, "every candidate was explored before");
      uint32_t first = engine.calmest(candidates);
      path_.push_back({.is_pick = true,
                       .outcome = first,
                       .ready = ready,
                       .wanted = bit(first),
                       .stores = engine.memory().stores(),
                       .here = here_});
    }
    pick_ = at_++;
    const Node& node = path_[pick_];
    here_ = node.here;
    bool only_new = (here_.only_new & bit(node.outcome)) != 0;
    engine.memory().read_only_from(only_new ? here_.floors[node.outcome] : 0);
    here_.only_new &= ~bit(node.outcome);
    return node.outcome;
  }

  uint32_t branch(Engine&, Site site, uint32_t count) override {
    if (spurious_.is_spent(site)) return 0;
    if (at_ == path_.size()) path_.push_back({.is_pick = false, .count = count});
    uint32_t outcome = path_[at_++].outcome;
    spurious_.took(site, outcome);
    return outcome;
  }

  void stepped(Engine& engine, uint32_t thread, const Step& step) override {
    engine.memory().read_only_from(0);
    Event event = event_of(engine, thread, step);
    if (at_ >= repeated_) reverse_races(engine, event);
    for (const Event& before : events_) {
      if (is_ordered(engine, before, event)) event.clock.join(before.clock, Clock::kLanes);
    }
    clocks_[thread] = event.clock;
    events_.push_back(event);
    wake(engine, event);
  }

  void spawned(uint32_t creator, uint32_t thread) override { clocks_[thread] = clocks_[creator]; }
  void joined(uint32_t thread, uint32_t ended) override {
    clocks_[thread].join(clocks_[ended], Clock::kLanes);
  }

  // What a thread waits to do races as well where all wait, or where those that could go on sleep:
  // who waits for a lock would have to come before its holder. So does a read that found nothing
  // new.
  void ended(Engine& engine) override {
    bool pruned = engine.outcome().verdict == Verdict::pruned;
    if (!pruned && engine.outcome().verdict != Verdict::deadlock) return;
    uint32_t asleep = pruned ? here_.sleeping : 0;
    for (uint32_t thread = 0; thread < engine.threads(); ++thread) {
      const Step& step = engine.next_step(thread);
      if (engine.is_done(thread) || step.kind == Kind::join) continue;
      if ((asleep & bit(thread)) == 0) reverse_races(engine, event_of(engine, thread, step));
    }
  }

 private:
  // Sets of threads at one place of a path.
  struct Sleep {
    uint32_t sleeping = 0;
    uint32_t only_new = 0;  // awake, but only to read stores from `floors` on
    uint32_t dormant = 0;   // of these, those that cannot read such a store yet
    uint32_t floors[kThreadsMax] = {};

    uint32_t resting() const noexcept { return sleeping | dormant; }
  };

  struct Node {
    bool is_pick;
    uint32_t outcome = 0;
    uint32_t count = 0;   // of a branch; the rest is of a pick
    uint32_t ready = 0;   // threads
    uint32_t wanted = 0;  // threads explored or to be explored
    uint32_t stores = 0;  // made before
    Sleep here = {};
  };

  struct Event {
    uint32_t thread;
    size_t node;
    Step step;
    bool settles;  // as a seq_cst load, it may leave less for others to read
    Clock clock;   // the events ordered before it by conflicts, and itself

    int32_t ordinal() const noexcept { return clock.at[Clock::lane_of(thread)]; }
    bool is_before(const Event& other) const noexcept {
      return ordinal() <= other.clock.at[Clock::lane_of(thread)];
    }
  };

  static constexpr uint32_t bit(uint32_t thread) noexcept { return 1u << thread; }

  static bool both_seq_cst(const Step& a, const Step& b) noexcept {
    return a.order == Order::seq_cst && b.order == Order::seq_cst;
  }

  // Two steps on memory that the weak model lets commute, unless one reads what the other wrote.
  static bool commute(const Engine& engine, const Event& a, const Event& b) noexcept {
    return engine.weak() && a.step.location != nullptr && b.step.location != nullptr &&
           !both_seq_cst(a.step, b.step);
  }

  static bool conflict(const Event& a, const Event& b) noexcept {
    if (a.step.kind == Kind::fence || b.step.kind == Kind::fence) {
      return both_seq_cst(a.step, b.step);
    }
    bool touch = (a.step.reads || a.step.writes) && (b.step.reads || b.step.writes);
    if (!touch || a.step.object != b.step.object) return false;
    if (a.step.writes || b.step.writes) return true;
    return both_seq_cst(a.step, b.step) && (a.settles || b.settles);
  }

  static bool is_ordered(const Engine& engine, const Event& first, const Event& second) noexcept {
    bool reads_it = first.step.made != nullptr && second.step.read == first.step.made;
    return reads_it || (!commute(engine, first, second) && conflict(first, second));
  }

  static bool is_race(const Engine& engine, const Event& first, const Event& second) noexcept {
    if (!conflict(first, second)) return false;
    if (!commute(engine, first, second)) return true;
    // A compare-and-swap that failed may succeed before the update that took what it expects.
    bool may_write = second.step.writes || (second.step.kind == Kind::update && first.step.writes);
    return first.step.reads && may_write;
  }

  // The event that a step is, or would be now; it is not yet ordered after what it conflicts with.
  Event event_of(const Engine& engine, uint32_t thread, const Step& step) const noexcept {
    bool may_settle = step.location != nullptr && !WeakMemory::is_settled(*step.location);
    bool settles = engine.weak() && (step.settled || may_settle);
    Event event{thread, pick_, step, settles, clocks_[thread]};
    event.clock.at[Clock::lane_of(thread)] += 1;
    return event;
  }

  void reverse_races(const Engine& engine, const Event& event) {
    Clock reach = clocks_[event.thread];
    bool is_next = true;  // whether `event` is what its thread was about to do at that place
    for (size_t at = events_.size(); at-- > 0;) {
      const Event& before = events_[at];
      if (before.thread == event.thread) is_next = false;
      bool ordered = is_ordered(engine, before, event);
      bool races = is_race(engine, before, event);
      if (before.thread == event.thread || (!ordered && !races)) continue;
      const Node& node = path_[before.node];
      bool could_not_run = is_next && (node.ready & bit(event.thread)) == 0;
      bool gives_way = before.step.kind == Kind::unlock && event.step.kind == Kind::lock;
      if (could_not_run || gives_way) continue;  // an earlier one made it wait, and may race
      bool indirectly = before.ordinal() <= reach.at[Clock::lane_of(before.thread)];
      if (races && !indirectly) want_before(engine, at, event);
      if (ordered) reach.join(before.clock, Clock::kLanes);
    }
  }

  // Some thread that leads to `event` without events_[first] is wanted in place of that.
  void want_before(const Engine& engine, size_t first, Event event) {
    const Event& reversed = events_[first];
    // Without it the event reads something else, and any write before it may be what it reads.
    bool rereads = event.step.reads && is_lost(first, event.step.read);
    later_.clear();
    for (size_t at = first + 1; at < events_.size(); ++at) {
      const Event& each = events_[at];
      if (reversed.is_before(each)) continue;
      later_.push_back(&each);
      bool may_feed = rereads && each.step.writes && conflict(each, event);
      if (may_feed || is_ordered(engine, each, event)) event.clock.join(each.clock, Clock::kLanes);
    }
    later_.push_back(&event);

    uint32_t initials = 0;
    uint32_t seen = 0;
    for (size_t at = 0; at < later_.size(); ++at) {
      const Event& each = *later_[at];
      bool initial = (seen & bit(each.thread)) == 0;
      for (size_t earlier = 0; initial && earlier < at; ++earlier) {
        initial = !later_[earlier]->is_before(each);
      }
      seen |= bit(each.thread);
      if (initial) initials |= bit(each.thread);
    }

    Node& node = path_[reversed.node];
    if ((initials & (node.wanted | node.here.resting())) != 0) return;
    uint32_t can_run = initials & node.ready;
    if (can_run == 0) {
      node.wanted |= node.ready;
    } else {
      bool leads = (can_run & bit(event.thread)) != 0;
      node.wanted |= leads ? bit(event.thread) : can_run & (~can_run + 1);
    }
  }

  // Whether there is no such store, or it exists only because of events_[first].
  bool is_lost(size_t first, const Store* store) const noexcept {
    for (size_t at = first; store != nullptr && at < events_.size(); ++at) {
      if (events_[at].step.made == store) return events_[first].is_before(events_[at]);
    }
    return store == nullptr;
  }

  uint32_t without_new(Engine& engine) const {
    uint32_t result = 0;
    for (uint32_t thread = 0; thread < engine.threads(); ++thread) {
      if ((here_.only_new & bit(thread)) == 0) continue;
      const Step& step = engine.next_step(thread);
      bool can =
          engine.memory().can_read_from(here_.floors[thread], engine.mind_of(thread),
                                        *step.location, step.order, step.writes, step.expected);
      if (!can) result |= bit(thread);
    }
    return result;
  }

  void wake(const Engine& engine, const Event& event) {
    uint32_t touched = here_.sleeping | here_.only_new;
    for (uint32_t thread = 0; thread < engine.threads(); ++thread) {
      if ((touched & bit(thread)) == 0) continue;
      Event sleeper = event_of(engine, thread, engine.next_step(thread));
      if (!conflict(sleeper, event)) continue;
      if (!commute(engine, sleeper, event)) {
        here_.sleeping &= ~bit(thread);
        here_.only_new &= ~bit(thread);
      } else if (sleeper.step.reads && event.step.writes && (here_.sleeping & bit(thread)) != 0) {
        here_.sleeping &= ~bit(thread);
        here_.only_new |= bit(thread);
      }
    }
  }

  Spurious spurious_;
  size_t at_ = 0;        // in the path: what comes next
  size_t repeated_ = 0;  // this part of the path is as in the run before
  size_t pick_ = 0;      // in the path: who does the step that is being done
  Sleep here_;
  std::vector<Node> path_;
  std::vector<Event> events_;
  std::vector<const Event*> later_;
  Clock clocks_[kThreadsMax];
};

}  // namespace groundhog::sim
