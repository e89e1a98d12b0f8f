// All runs of a program, or all with at most so many preemptions, by depth-first search over its
// decisions: the next run repeats the last one up to the deepest decision that has an outcome left.
// Outcomes come calmest first. Only for programs whose runs are all finite: waiting loops say
// `await`.

#pragma once

#include <vector>

#include "engine.h"
#include "spurious.h"

namespace groundhog::sim {

class DepthFirst : public Strategy {
 public:
  DepthFirst() = default;
  explicit DepthFirst(uint32_t preemptions_max) : preemptions_max_(preemptions_max) {}

  // Prepares the next run; false when there is none.
  bool next() {
    while (!path_.empty() && path_.back().left == 0) path_.pop_back();
    if (path_.empty()) return false;
    Node& node = path_.back();
    if (node.is_pick) {
      node.outcome = static_cast<uint32_t>(__builtin_ctz(node.left));
      node.left &= node.left - 1;
    } else {
      ++node.outcome;
      --node.left;
    }
    return true;
  }

  void begin(Engine&) override {
    at_ = 0;
    spurious_.begin();
    preemptions_ = 0;
  }

  uint32_t pick(Engine& engine, uint32_t ready) override {
    uint32_t running = engine.running();
    bool could_go_on = (ready >> running & 1) != 0;
    if (at_ == path_.size()) {
      uint32_t first = engine.calmest(ready);
      bool stay = could_go_on && preemptions_ == preemptions_max_;
      path_.push_back({true, first, stay ? 0 : ready & ~(1u << first)});
    }
    uint32_t chosen = path_[at_++].outcome;
    if (could_go_on && chosen != running) ++preemptions_;
    return chosen;
  }

  uint32_t branch(Engine&, Site site, uint32_t count) override {
    if (spurious_.is_spent(site)) return 0;
    if (at_ == path_.size()) path_.push_back({false, 0, count - 1});
    uint32_t outcome = path_[at_++].outcome;
    spurious_.took(site, outcome);
    return outcome;
  }

 private:
  struct Node {
    bool is_pick;
    uint32_t outcome;
    uint32_t left;  // of a pick the set of threads, else the number of outcomes, still to be tried
  };

  uint32_t preemptions_max_ = UINT32_MAX;
  uint32_t preemptions_ = 0;
  Spurious spurious_;
  size_t at_ = 0;
  std::vector<Node> path_;
};

}  // namespace groundhog::sim
