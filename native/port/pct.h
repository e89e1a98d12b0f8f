// Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): threads have random
// priorities, the highest that can run does, and at `depth - 1` random steps the running one falls
// behind all others. A bug of that depth among n threads and k steps is found in a run with
// probability 1 / (n k^(depth-1)) at least.
//
// A thread that pauses falls behind too: it waits for another. k is an estimate, the number of
// decisions about who runs in a pilot run; it is fixed, so that a seed means the same run always.

#pragma once

#include <algorithm>
#include <vector>

#include "engine.h"

namespace groundhog::sim {

class Pct : public Strategy {
 public:
  Pct(uint32_t depth, uint32_t steps) : changes_(depth - 1), steps_(std::max(steps, 1u)) {}

  void begin(Engine& engine) override {
    forget();
    place_changes(engine);
  }

  uint32_t pick(Engine& engine, uint32_t ready) override {
    for (uint32_t thread = 0; thread < engine.threads(); ++thread) {
      if (std::find(ranking_.begin(), ranking_.end(), thread) == ranking_.end()) {
        uint32_t place = engine.branch(Site::priority, static_cast<uint32_t>(ranking_.size()) + 1);
        ranking_.insert(ranking_.begin() + place, thread);
      }
    }
    uint32_t running = engine.running();
    ++step_;
    bool change = std::find(changes_.begin(), changes_.end(), step_) != changes_.end();
    if (change || engine.next_step(running).kind == Kind::pause) fall_behind(running);
    for (uint32_t thread : ranking_) {
      if ((ready >> thread & 1) != 0) return thread;
    }
    return engine.calmest(ready);
  }

  uint32_t branch(Engine& engine, Site site, uint32_t count) override {
    return engine.chance(site, count);
  }

 protected:
  void forget() noexcept {
    step_ = 0;
    ranking_.clear();
  }
  void place_changes(Engine& engine) {
    for (uint32_t& at : changes_) at = 1 + engine.branch(Site::change, steps_);
  }
  bool has_begun() const noexcept { return step_ > 0; }

 private:
  void fall_behind(uint32_t thread) {
    auto at = std::find(ranking_.begin(), ranking_.end(), thread);
    std::rotate(at, at + 1, ranking_.end());
  }

  std::vector<uint32_t> changes_;  // steps, counted in decisions of who runs
  std::vector<uint32_t> ranking_;  // threads, the highest priority first
  uint32_t steps_;
  uint32_t step_ = 0;
};

// What is not forced is calm: the replay of a record, and the ground that a shrinker works on.
class Calm : public Strategy {
 public:
  uint32_t pick(Engine& engine, uint32_t ready) override { return engine.calmest(ready); }
  uint32_t branch(Engine&, Site, uint32_t) override { return 0; }
};

}  // namespace groundhog::sim
