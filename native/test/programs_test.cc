#include "../port/pct.h"
#include "../programs/catalogue.h"
#include "check.h"

namespace groundhog::test {
namespace {

using programs::Entry;
using programs::kCatalogue;

// The number of schedules up to the first that fails, at most `most`; 0 when none does.
uint32_t schedules_to_failure(const Entry& entry, uint64_t seed, uint32_t most) {
  sim::Engine engine;
  sim::Pct pct(3, 40);
  for (uint32_t at = 1; at <= most; ++at) {
    sim::Strategy* strategy = at % 2 == 0 ? &pct : nullptr;
    if (engine.run(entry.run, mix(seed, at * 0x9e3779b97f4a7c15), strategy).verdict !=
        sim::Verdict::passed) {
      return at;
    }
  }
  return 0;
}

// Each broken program is found in a few hundred schedules at most, by any of 200 seeds: so 3 seeds
// of 2,000 schedules.
const bool broken_ones = test("every broken program is found by every seed", [] {
  for (const Entry& entry : kCatalogue) {
    if (!entry.broken) continue;
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      check(schedules_to_failure(entry, seed, 2000) != 0, entry.name);
    }
  }
});

const bool correct_ones = test("no correct program ever fails", [] {
  for (const Entry& entry : kCatalogue) {
    if (!entry.broken) check(schedules_to_failure(entry, 1, 5000) == 0, entry.name);
  }
});

}  // namespace
}  // namespace groundhog::test
