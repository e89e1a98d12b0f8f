// Litmus programs as data: straight-line threads over a few locations that start at 0. They can be
// run on the engine and enumerated from the axioms, and both say what happened in one form.

#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "../port/sim_sync.h"

namespace groundhog::test {

using sim::Order;

struct Op {
  enum class Kind { load, store, add, cas, fence } kind;
  Order order;
  uint32_t location = 0;
  uint32_t value = 0;     // what is stored or added
  uint32_t expected = 0;  // of a compare-and-swap
};

using Program = std::vector<std::vector<Op>>;

// An execution: whom each step read from, and the modification order of each location. A step is
// named by thread and place, the first store of a location by `-`.
class Graph {
 public:
  explicit Graph(const Program& program) : reads_(program.size()) {}

  void read(uint32_t thread, const std::string& from) { reads_[thread] += from + " "; }
  void order(uint32_t location, const std::string& stores) { orders_[location] = stores; }
  std::string text() const {
    std::string result;
    for (const std::string& each : reads_) result += each + "| ";
    for (const auto& [location, stores] : orders_) result += stores + "; ";
    return result;
  }

 private:
  std::vector<std::string> reads_;
  std::map<uint32_t, std::string> orders_;
};

using Graphs = std::set<std::string>;

inline std::string name_of(uint32_t thread, size_t place) {
  return std::string(1, static_cast<char>('A' + thread)) + std::to_string(place);
}

// Lets another strategy decide, and notes the execution.
class Recorder : public sim::Strategy {
 public:
  Recorder(const Program& program, sim::Strategy& inner) : program_(program), inner_(inner) {
    asked_always = inner.asked_always;
  }

  void begin(sim::Engine& engine) override {
    reads_.assign(program_.size(), {});
    orders_.clear();
    names_.clear();
    places_.assign(program_.size(), 0);
    inner_.begin(engine);
  }
  uint32_t pick(sim::Engine& engine, uint32_t ready) override { return inner_.pick(engine, ready); }
  uint32_t branch(sim::Engine& engine, sim::Site site, uint32_t count) override {
    return inner_.branch(engine, site, count);
  }
  void stepped(sim::Engine& engine, uint32_t thread, const sim::Step& step) override {
    if (thread > 0) note(thread - 1, step);  // thread 0 is the root
    inner_.stepped(engine, thread, step);
  }
  void spawned(uint32_t creator, uint32_t thread) override { inner_.spawned(creator, thread); }
  void joined(uint32_t thread, uint32_t ended) override { inner_.joined(thread, ended); }
  void ended(sim::Engine& engine) override { inner_.ended(engine); }

  Graph graph() const {
    Graph graph(program_);
    for (uint32_t thread = 0; thread < program_.size(); ++thread) {
      for (uint32_t store : reads_[thread]) graph.read(thread, name(store));
    }
    for (const auto& [location, stores] : orders_) {
      std::string text;
      for (uint32_t store : stores) text += name(store) + " ";
      graph.order(location, text);
    }
    return graph;
  }

 private:
  void note(uint32_t thread, const sim::Step& step) {
    size_t place = places_[thread]++;
    if (step.read != nullptr) reads_[thread].push_back(step.read->id);
    if (step.made == nullptr) return;
    names_[step.made->id] = name_of(thread, place);
    std::vector<uint32_t>& stores = orders_[step.object];
    auto at = stores.begin();
    while (at != stores.end() && names_.count(step.made->older->id) != 0 &&
           *at++ != step.made->older->id) {
    }
    stores.insert(at, step.made->id);
  }
  std::string name(uint32_t store) const {
    auto found = names_.find(store);
    return found == names_.end() ? "-" : found->second;
  }

  const Program& program_;
  sim::Strategy& inner_;
  std::vector<std::vector<uint32_t>> reads_;
  std::map<uint32_t, std::vector<uint32_t>> orders_;
  std::map<uint32_t, std::string> names_;
  std::vector<size_t> places_;
};

// The program as the root of a run.
struct ProgramRoot {
  const Program& program;

  void operator()() const {
    using sim::Engine;
    auto* locations = static_cast<sim::Atomic<uint32_t>*>(Engine::current().arena(
        kLocations * sizeof(sim::Atomic<uint32_t>), alignof(sim::Atomic<uint32_t>)));
    for (uint32_t at = 0; at < kLocations; ++at) new (locations + at) sim::Atomic<uint32_t>(0);
    uint32_t threads[sim::kThreadsMax];
    for (size_t thread = 0; thread < program.size(); ++thread) {
      const std::vector<Op>* ops = &program[thread];
      threads[thread] = Engine::current().spawn([locations, ops] {
        for (const Op& op : *ops) run(locations[op.location], op);
      });
    }
    for (size_t thread = 0; thread < program.size(); ++thread)
      Engine::current().join(threads[thread]);
  }

  static constexpr uint32_t kLocations = 4;

 private:
  static void run(sim::Atomic<uint32_t>& at, const Op& op) {
    uint32_t expected = op.expected;
    switch (op.kind) {
      case Op::Kind::load: at.load(op.order); break;
      case Op::Kind::store: at.store(op.value, op.order); break;
      case Op::Kind::add: at.fetch_add(op.value, op.order); break;
      case Op::Kind::cas: at.compare_exchange_strong(expected, op.value, op.order); break;
      case Op::Kind::fence: sim::SimSync::fence(op.order); break;
    }
  }
};

// All executions that a systematic strategy leads to.
struct Search {
  Graphs graphs;
  uint64_t runs = 0;
  uint64_t pruned = 0;
  uint64_t failed = 0;
};

template <class Systematic>
Search search(const Program& program, Systematic strategy = {}, sim::Limits limits = {}) {
  sim::Engine engine(limits);
  Recorder recorder(program, strategy);
  ProgramRoot root{program};
  Search result;
  do {
    const sim::Outcome& outcome = engine.run(root, 0, &recorder);
    ++result.runs;
    if (outcome.verdict == sim::Verdict::pruned) {
      ++result.pruned;
    } else if (outcome.verdict != sim::Verdict::passed) {
      ++result.failed;
    } else {
      result.graphs.insert(recorder.graph().text());
    }
  } while (strategy.next());
  return result;
}

}  // namespace groundhog::test
