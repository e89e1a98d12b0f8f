// Every decision is the host's: the engine stops, tells the question, and goes on with the answer.
// Outcome 0 is the calmest, of `pick` too: its outcomes are the threads that can run, the calmest
// first and the others by number.

#pragma once

#include "pct.h"

namespace groundhog::sim {

class Asked : public Strategy {
 public:
  uint32_t pick(Engine& engine, uint32_t ready) override {
    uint32_t first = engine.calmest(ready);
    uint32_t answer = engine.ask(Site::pick, static_cast<uint32_t>(__builtin_popcount(ready)));
    return answer == 0 ? first : Engine::nth_bit(ready & ~(1u << first), answer - 1);
  }
  uint32_t branch(Engine& engine, Site site, uint32_t count) override {
    return engine.ask(site, count);
  }
};

// The same by priorities: asked is who ranks where, and when one falls behind, and not who runs.
// Questions can be asked on a fiber alone, so those of the beginning wait for the first choice.
class AskedPriorities : public Pct {
 public:
  using Pct::Pct;

  void begin(Engine&) override { forget(); }
  uint32_t pick(Engine& engine, uint32_t ready) override {
    if (!has_begun()) place_changes(engine);
    return Pct::pick(engine, ready);
  }
  uint32_t branch(Engine& engine, Site site, uint32_t count) override {
    return engine.ask(site, count);
  }
};

}  // namespace groundhog::sim
