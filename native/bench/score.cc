// The statistics over many seeds: prints one number for the name that is given.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../core/hash.h"
#include "../port/pct.h"
#include "../programs/catalogue.h"
#include "../test/litmus_programs.h"

namespace {

using namespace groundhog;
using programs::Entry;
using programs::kCatalogue;

constexpr uint32_t kSeeds = 200;

uint64_t seed_of(uint64_t seed, uint64_t schedule) {
  return mix(seed * 0x9e3779b97f4a7c15 + 1, schedule + 0x85ebca77);
}

const Entry& named(const char* name) {
  for (const Entry& entry : kCatalogue) {
    if (std::strcmp(entry.name, name) == 0) return entry;
  }
  std::abort();
}

// How many times it was decided who runs, in a run by chance.
uint32_t length_of(sim::Engine& engine, const Entry& entry) {
  engine.run(entry.run, 1);
  uint32_t picks = 0;
  for (uint32_t word : engine.decisions()) {
    if (sim::Decision{word}.site() == sim::Site::pick) ++picks;
  }
  return picks;
}

// The first schedule that fails, at most `most`; one more when none does.
uint32_t first_failure(sim::Engine& engine, const Entry& entry, uint64_t seed, uint32_t most,
                       sim::Strategy* odd, sim::Strategy* even) {
  for (uint32_t at = 1; at <= most; ++at) {
    sim::Strategy* strategy = at % 2 == 1 ? odd : even;
    if (engine.run(entry.run, seed_of(seed, at), strategy).verdict != sim::Verdict::passed) {
      return at;
    }
  }
  return most + 1;
}

double aba() {
  const Entry& entry = named("treiber-stack-untagged");
  sim::Engine engine;
  sim::Pct pct(3, length_of(engine, entry));
  std::vector<uint32_t> needed;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    needed.push_back(first_failure(engine, entry, seed, 100'000, &pct, &pct));
  }
  std::sort(needed.begin(), needed.end());
  return (needed[kSeeds / 2 - 1] + needed[kSeeds / 2]) / 2.0;
}

// By chance and by PCT in turn. Of the program that is found by the fewest seeds, how many.
double litmus() {
  uint32_t least = kSeeds;
  for (const Entry& entry : kCatalogue) {
    if (!entry.broken) continue;
    sim::Engine engine;
    sim::Pct pct(3, length_of(engine, entry));
    uint32_t found = 0;
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      if (first_failure(engine, entry, seed, 2000, nullptr, &pct) <= 2000) ++found;
    }
    if (found < kSeeds) std::fprintf(stderr, "%s: %u of %u seeds\n", entry.name, found, kSeeds);
    least = std::min(least, found);
  }
  return least;
}

// A million schedules, the same number of each program.
double silent() {
  uint32_t programs = 0;
  for (const Entry& entry : kCatalogue) programs += entry.broken ? 0 : 1;
  uint32_t each = (1'000'000 + programs - 1) / programs;
  uint32_t alarms = 0;
  for (const Entry& entry : kCatalogue) {
    if (entry.broken) continue;
    sim::Engine engine;
    sim::Pct pct(3, length_of(engine, entry));
    for (uint32_t at = 1; at <= each; ++at) {
      sim::Strategy* strategy = at % 2 == 0 ? &pct : nullptr;
      sim::Verdict verdict = engine.run(entry.run, seed_of(1, at), strategy).verdict;
      if (verdict == sim::Verdict::passed) continue;
      if (alarms++ == 0) std::fprintf(stderr, "%s: schedule %u\n", entry.name, at);
    }
  }
  return alarms;
}

// The part of the programs on which the engine's executions, with reduction and without, are those
// that a brute-force enumerator finds.
double exhaustive() {
  uint32_t agree = 0;
  uint32_t all = 0;
  auto compare = [&](const test::Program& program) {
    test::Graphs expected = test::Axioms(program).all();
    agree += test::search<sim::DepthFirst>(program).graphs == expected &&
             test::search<sim::Dpor>(program).graphs == expected;
    ++all;
  };
  for (const test::Known& known : test::kClassics) compare(known.program);
  test::Random random(2);
  for (uint32_t at = 0; at < 2000; ++at) compare(test::random_program(random));
  return static_cast<double>(agree) / all;
}

double reduced(const test::Program& program) {
  return static_cast<double>(test::search<sim::Dpor>(program).runs);
}

double dpor_adds() {
  test::Op add{test::Op::Kind::add, Order::seq_cst, 0, 1};
  return reduced(test::Program(3, {add, add, add}));
}

double dpor_readers() {
  test::Program readers(9, {{test::Op::Kind::load, Order::acquire, 0}});
  readers[0] = {{test::Op::Kind::store, Order::release, 0, 1}};
  return reduced(readers);
}

// A hash for each of 10,000 runs, replayed from its record: what another process must print too.
void replays() {
  constexpr uint32_t kRuns = 10'000;
  sim::Engine engine;
  sim::Engine other;
  for (uint32_t at = 0; at < kRuns; ++at) {
    const Entry& entry = kCatalogue[at % std::size(kCatalogue)];
    sim::Pct pct(3, 20);
    engine.run(entry.run, seed_of(at, 0), at % 2 == 0 ? nullptr : &pct);
    std::vector<uint32_t> taken(engine.decisions().begin(), engine.decisions().end());
    sim::Calm calm;
    const sim::Outcome& again = other.run(entry.run, 1, &calm, taken);
    auto hash_of = [](const sim::Engine& of) {
      Hash hash;
      for (uint32_t word : of.decisions()) {
        // What only PCT asked itself is not asked again.
        sim::Site site = sim::Decision{word}.site();
        if (site != sim::Site::change && site != sim::Site::priority) hash.add(word);
      }
      hash.add(of.steps());
      hash.add(static_cast<uint64_t>(of.outcome().verdict));
      hash.add(of.outcome().thread);
      return hash.value();
    };
    bool same = hash_of(engine) == hash_of(other) && again.verdict == engine.outcome().verdict;
    std::printf("%016llx%s\n", static_cast<unsigned long long>(hash_of(engine)),
                same ? "" : " differs");
  }
}

struct Score {
  const char* name;
  double (*number)();
};

constexpr Score kScores[] = {
    {"aba", aba},
    {"litmus", litmus},
    {"litmus-silent", silent},
    {"exhaustive", exhaustive},
    {"dpor-3x3", dpor_adds},
    {"dpor-readers", dpor_readers},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  if (std::strcmp(argv[1], "replay") == 0) {
    replays();
    return 0;
  }
  for (const Score& score : kScores) {
    if (std::strcmp(argv[1], score.name) != 0) continue;
    std::printf("%.9g\n", score.number());
    return 0;
  }
  return 2;
}
