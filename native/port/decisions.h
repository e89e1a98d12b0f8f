// What could have gone otherwise in a run, in the order in which it was decided. The same form goes
// in (a forced prefix) and comes out (all that was decided): an outcome of a site.
//
// - `pick`: the thread that takes the next step, by its number, never by its place among
// candidates.
// - every other site: a number below `count`, 0 being the calmest: the newest store, no failure.
//
// With one candidate nothing is decided, and nothing recorded. A forced outcome that does not fit
// any more, since the code has changed, is replaced by the calmest; for `pick` that is the thread
// that is running, or else the lowest number.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace groundhog::sim {

enum class Site : uint8_t {
  pick,      // which thread runs next
  read,      // how old a store a load reads
  place,     // how far below the newest a store enters the modification order
  weak_cas,  // whether a weak compare-and-swap fails for no reason
  priority,  // PCT: where a thread enters the order of priorities
  change,    // PCT: after how many steps the running thread falls behind all others
  heap,      // whether an allocation gets memory that was freed before
  wake,      // which waiter is notified, and whether one wakes for no reason
  custom,    // the program's own question
  abort,     // whether a hardware transaction aborts for no reason
};

constexpr const char* kSiteNames[] = {
    "native.pick",   "native.read", "native.place", "native.weak-cas", "native.priority",
    "native.change", "native.heap", "native.wake",  "native.custom", "native.abort",
};

// One word: site in the top 8 bits, the number of candidates (255: that or more) in the next 8, and
// the outcome in the low 16.
struct Decision {
  uint32_t word;

  static constexpr Decision of(Site site, uint32_t count, uint32_t outcome) noexcept {
    return {static_cast<uint32_t>(site) << 24 | (count < 255 ? count : 255) << 16 | outcome};
  }
  constexpr Site site() const noexcept { return static_cast<Site>(word >> 24); }
  constexpr uint32_t count() const noexcept { return word >> 16 & 255; }
  constexpr uint32_t outcome() const noexcept { return word & 0xffff; }
};

// The words of the decisions of a run. It grows, and keeps what it has grown to.
class DecisionLog {
 public:
  DecisionLog() : words_(1024) {}

  void clear() noexcept { count_ = 0; }
  size_t size() const noexcept { return count_; }
  void add(Decision decision) {
    if (count_ == words_.size()) words_.resize(2 * count_);
    words_[count_++] = decision.word;
  }
  std::span<const uint32_t> all() const noexcept { return {words_.data(), count_}; }

 private:
  std::vector<uint32_t> words_;
  size_t count_ = 0;
};

}  // namespace groundhog::sim
