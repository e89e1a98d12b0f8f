// Small programs that other engines run too, read as text: threads after `|`, their steps after `;`,
// as `lock 0; add 1 1; unlock 0 | load 1`. Loads read the newest store here, as they do there.

#pragma once

#include <cstdio>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "../port/depth_first.h"
#include "../port/dpor.h"
#include "../port/sim_sync.h"

namespace groundhog::test {

// `name on first second`, as `cas 0 1 2`: of cell 0, where it is 1, to 2.
struct SmallStep {
  std::string name;
  uint32_t on = 0;
  uint32_t first = 0;
  uint32_t second = 0;
};

using SmallProgram = std::vector<std::vector<SmallStep>>;

inline SmallProgram small_program(const std::string& line) {
  SmallProgram program;
  std::istringstream threads(line);
  for (std::string thread; std::getline(threads, thread, '|');) {
    program.emplace_back();
    std::istringstream steps(thread);
    for (std::string text; std::getline(steps, text, ';');) {
      std::istringstream words(text);
      SmallStep step;
      words >> step.name >> step.on >> step.first >> step.second;
      program.back().push_back(step);
    }
  }
  return program;
}

constexpr uint32_t kSmallObjects = 3;

// What the threads of one run share.
struct SmallShared {
  sim::Atomic<uint32_t> cells[kSmallObjects];
  sim::Mutex mutexes[2];
  sim::Plain<uint32_t> data[1];
};

inline void do_step(SmallShared& shared, const SmallStep& step) {
  if (step.name == "read") return (void)shared.data[step.on].read();
  if (step.name == "write") return shared.data[step.on].write(1);
  if (step.name == "lock") return shared.mutexes[step.on].lock();
  if (step.name == "unlock") return shared.mutexes[step.on].unlock();
  if (step.name == "try") {
    if (shared.mutexes[step.on].try_lock()) shared.mutexes[step.on].unlock();
    return;
  }
  sim::Atomic<uint32_t>& cell = shared.cells[step.on];
  if (step.name == "load") {
    cell.load();
  } else if (step.name == "store") {
    cell.store(step.first);
  } else if (step.name == "add") {
    cell.fetch_add(step.first);
  } else if (step.name == "until") {
    cell.await([&step](uint32_t value) { return value >= step.first; });
  } else if (step.name == "cas") {
    uint32_t expected = step.first;
    cell.compare_exchange_strong(expected, step.second);
  } else {
    sim::Engine::current().fail(sim::Verdict::violated, "no step has this name");
  }
}

// The program as the root of a run; the cells are in `finals` when it has passed.
struct SmallRoot {
  const SmallProgram& program;
  std::string& finals;

  void operator()() const {
    using sim::Engine;
    Engine& engine = Engine::current();
    // Not destroyed: a run that fails is abandoned where it stands.
    auto* shared =
        new (engine.arena(sizeof(SmallShared), alignof(SmallShared))) SmallShared;
    shared->data[0].write(0);
    std::vector<uint32_t>& made = *new (engine.arena(sizeof made, alignof(std::max_align_t)))
        std::vector<uint32_t>;
    for (const std::vector<SmallStep>& steps : program) {
      made.push_back(engine.spawn([shared, of = &steps] {
        for (const SmallStep& step : *of) do_step(*shared, step);
      }));
    }
    for (uint32_t thread : made) engine.join(thread);
    made.~vector();
    std::string text;
    for (sim::Atomic<uint32_t>& cell : shared->cells) text += std::to_string(cell.load()) + " ";
    text.pop_back();
    finals = text;
  }
};

// Lets another strategy decide, and notes the class of the run: of each step of each thread, how
// often its object had been written. Runs that only swap steps which commute have the same.
class ClassOf : public sim::Strategy {
 public:
  explicit ClassOf(sim::Strategy& inner) : inner_(inner) { asked_always = inner.asked_always; }

  void begin(sim::Engine& engine) override {
    written_.clear();
    steps_.clear();
    inner_.begin(engine);
  }
  uint32_t pick(sim::Engine& engine, uint32_t ready) override { return inner_.pick(engine, ready); }
  uint32_t branch(sim::Engine& engine, sim::Site site, uint32_t count) override {
    return inner_.branch(engine, site, count);
  }
  void stepped(sim::Engine& engine, uint32_t thread, const sim::Step& step) override {
    if (thread > 0) {  // thread 0 is the root
      uint32_t& written = written_[step.object];
      if (step.writes) ++written;
      steps_[thread] += std::to_string(written) + (step.writes ? "w " : "r ");
    }
    inner_.stepped(engine, thread, step);
  }
  void spawned(uint32_t creator, uint32_t thread) override { inner_.spawned(creator, thread); }
  void joined(uint32_t thread, uint32_t ended) override { inner_.joined(thread, ended); }
  void ended(sim::Engine& engine) override { inner_.ended(engine); }

  std::string text() const {
    std::string all;
    for (const auto& [thread, steps] : steps_) all += steps + "| ";
    return all;
  }

 private:
  sim::Strategy& inner_;
  std::map<uint32_t, uint32_t> written_;
  std::map<uint32_t, std::string> steps_;
};

struct SmallSearch {
  uint64_t passed = 0;            // runs
  std::set<std::string> classes;  // of these
  std::set<std::string> ends;     // the cells of those, and verdicts of all others
};

template <class S>
SmallSearch small_search(const SmallProgram& program, S strategy = S()) {
  sim::Limits limits;
  limits.weak = false;
  sim::Engine engine(limits);
  ClassOf watched(strategy);
  SmallSearch found;
  std::string finals;
  do {
    sim::Verdict verdict = engine.run(SmallRoot{program, finals}, 0, &watched).verdict;
    if (verdict == sim::Verdict::passed) {
      ++found.passed;
      found.classes.insert(watched.text());
      found.ends.insert(finals);
    } else if (verdict != sim::Verdict::pruned) {
      found.ends.insert(sim::kVerdictNames[static_cast<size_t>(verdict)]);
    }
  } while (strategy.next());
  return found;
}

inline void print(const char* search, const SmallSearch& found) {
  std::printf("%s\t%llu\t%zu\t", search, static_cast<unsigned long long>(found.passed),
              found.classes.size());
  const char* before = "";
  for (const std::string& end : found.ends) {
    std::printf("%s%s", before, end.c_str());
    before = ",";
  }
  std::printf("\n");
}

// Four lines for each program on standard input: what all schedules come to, what the reduction
// leaves of them, and those with at most no preemption, and one.
inline int conform() {
  for (std::string line; std::getline(std::cin, line);) {
    SmallProgram program = small_program(line);
    print("dfs", small_search<sim::DepthFirst>(program));
    print("dpor", small_search<sim::Dpor>(program));
    for (uint32_t preemptions : {0, 1}) {
      print("bounded", small_search(program, sim::DepthFirst(preemptions)));
    }
  }
  return 0;
}

}  // namespace groundhog::test
