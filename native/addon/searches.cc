// Many runs of a program of programs/catalogue.h in one call, by a strategy of port/.

#include <algorithm>
#include <memory>
#include <optional>

#include "../port/depth_first.h"
#include "../port/dpor.h"
#include "../port/pct.h"
#include "numbers.h"
#include "offers.h"
#include "programs.h"

namespace groundhog {
namespace {

class Search {
 public:
  // As in fibers.ts.
  enum class By : uint32_t { chance, priorities, depth_first, reduction };

  Search(void (*program)(), By by, uint32_t preemptions_max, uint64_t seed)
      : program_(program), by_(by), seed_(seed), depth_first_(preemptions_max) {
    if (by == By::priorities) pct_.emplace(kDepth, picks_of_a_run());
  }

  // So many runs more, or fewer when there are no others, or one has failed.
  void go(uint32_t runs) {
    for (; runs > 0 && !complete_ && verdict_ == sim::Verdict::passed; --runs) {
      sim::Verdict verdict = engine_.run(program_, mix(seed_, ++runs_ * kOdd), strategy()).verdict;
      exact_ = exact_ && engine_.complete();
      if (verdict == sim::Verdict::pruned) {
        ++pruned_;
      } else {
        verdict_ = verdict;
      }
      if (verdict_ == sim::Verdict::passed) complete_ = !next();
    }
  }

  uint64_t runs() const noexcept { return runs_; }
  uint64_t pruned() const noexcept { return pruned_; }
  // All runs that there are were made. Of those, loads saw every store that the model allows.
  bool complete() const noexcept { return complete_ && exact_; }
  bool ended() const noexcept { return complete_ || verdict_ != sim::Verdict::passed; }
  sim::Verdict verdict() const noexcept { return verdict_; }
  const char* message() const noexcept { return engine_.outcome().message; }

 private:
  static constexpr uint32_t kDepth = 3;
  static constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;

  sim::Strategy* strategy() noexcept {
    switch (by_) {
      case By::priorities: return &*pct_;
      case By::depth_first: return &depth_first_;
      case By::reduction: return &reduction_;
      default: return nullptr;
    }
  }
  bool next() {
    return by_ == By::depth_first ? depth_first_.next() : by_ == By::reduction ? reduction_.next() : true;
  }

  // Of a pilot run: what PCT wants to know.
  uint32_t picks_of_a_run() {
    engine_.run(program_, kOdd);
    auto is_pick = [](uint32_t word) { return sim::Decision{word}.site() == sim::Site::pick; };
    std::span<const uint32_t> all = engine_.decisions();
    return static_cast<uint32_t>(std::count_if(all.begin(), all.end(), is_pick));
  }

  void (*program_)();
  By by_;
  uint64_t seed_;
  sim::Engine engine_;
  sim::DepthFirst depth_first_;
  sim::Dpor reduction_;
  std::optional<sim::Pct> pct_;
  uint64_t runs_ = 0;
  uint64_t pruned_ = 0;
  bool complete_ = false;
  bool exact_ = true;
  sim::Verdict verdict_ = sim::Verdict::passed;
};

// One a thread: a new one takes the place of the old.
std::unique_ptr<Search>& my_search() {
  thread_local std::unique_ptr<Search> search;
  return search;
}

// Program, strategy, preemptions and seed.
Napi::Value search_start(const Napi::CallbackInfo& info) {
  auto word = [&](size_t at) { return static_cast<uint32_t>(as_double(info[at])); };
  my_search() = std::make_unique<Search>(all_programs()[word(0)].run,
                                         static_cast<Search::By>(word(1)), word(2), word(3));
  return info.Env().Undefined();
}

// After `searchStart`: runs, those that were pruned, whether it has ended, whether it is complete,
// and the verdict.
Napi::Value search_go(const Napi::CallbackInfo& info) {
  Search& search = *my_search();
  search.go(static_cast<uint32_t>(as_double(info[0])));
  auto result = Napi::Float64Array::New(info.Env(), 5);
  result[0] = static_cast<double>(search.runs());
  result[1] = static_cast<double>(search.pruned());
  result[2] = search.ended() ? 1 : 0;
  result[3] = search.complete() ? 1 : 0;
  result[4] = static_cast<double>(search.verdict());
  return result;
}

Napi::Value search_message(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), my_search()->message());
}

}  // namespace

void offer_searches(Napi::Object exports) {
  offer<search_start>(exports, "searchStart");
  offer<search_go>(exports, "searchGo");
  offer<search_message>(exports, "searchMessage");
}

}  // namespace groundhog
