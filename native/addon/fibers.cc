// The programs of programs/catalogue.h, run by JavaScript: a call goes up to the next question, and
// answers with it. JavaScript is never called from a fiber.

#include "../port/asked.h"
#include "numbers.h"
#include "offers.h"
#include "programs.h"

namespace groundhog {
namespace {

// One a thread: a run is within one call of JavaScript's, so there is no second one.
struct Fibers {
  // Of PCT: how deep the bugs are, and how often it is chosen who runs, roughly.
  static constexpr uint32_t kDepth = 3;
  static constexpr uint32_t kPicks = 64;

  sim::Engine engine;
  sim::Asked asked;
  sim::AskedPriorities priorities{kDepth, kPicks};

  static Fibers& mine() {
    thread_local Fibers fibers;
    return fibers;
  }

  // A question as site * 65,536 + count; a verdict as -1 less its number.
  double told(bool ended) const noexcept {
    if (ended) return -1 - static_cast<double>(engine.outcome().verdict);
    const sim::Engine::Question& question = engine.question();
    return static_cast<double>(static_cast<uint32_t>(question.site) << 16 | question.count);
  }
};

Napi::Value fiber_programs(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  uint32_t at = 0;
  for (const programs::Entry& entry : all_programs()) names[at++] = entry.name;
  return names;
}

template <class Names>
Napi::Value texts(const Napi::CallbackInfo& info, const Names& names) {
  Napi::Array result = Napi::Array::New(info.Env());
  uint32_t at = 0;
  for (const char* name : names) result[at++] = name;
  return result;
}
Napi::Value fiber_sites(const Napi::CallbackInfo& info) { return texts(info, sim::kSiteNames); }
Napi::Value fiber_verdicts(const Napi::CallbackInfo& info) {
  return texts(info, sim::kVerdictNames);
}

// The number of a program, as in `fiberPrograms`, and whether threads have priorities.
Napi::Value fiber_start(const Napi::CallbackInfo& info) {
  Result<uint64_t> index =
      whole(as_double(info[0]), all_programs().size() - 1, Fault::invalid_offset);
  if (!index) return info.Env().Undefined();
  Fibers& fibers = Fibers::mine();
  bool by_priorities = info[1].As<Napi::Boolean>();
  sim::Strategy& strategy = by_priorities ? static_cast<sim::Strategy&>(fibers.priorities)
                                          : fibers.asked;
  bool ended = fibers.engine.start(all_programs()[*index].run, strategy);
  return Napi::Number::New(info.Env(), fibers.told(ended));
}

// After a question only.
napi_value fiber_resume(napi_env env, napi_callback_info info) {
  auto [answer] = numbers<1>(env, info);
  Fibers& fibers = Fibers::mine();
  Result<uint64_t> outcome = whole(answer, UINT16_MAX, Fault::invalid_offset);
  bool ended = fibers.engine.resume(outcome ? static_cast<uint32_t>(*outcome) : 0);
  napi_value result = nullptr;
  napi_create_double(env, fibers.told(ended), &result);
  return result;
}

// What did not hold.
Napi::Value fiber_message(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), Fibers::mine().engine.outcome().message);
}

}  // namespace

void offer_fibers(Napi::Object exports) {
  offer_fast(exports, "fiberResume", fiber_resume);
  offer<fiber_start>(exports, "fiberStart");
  offer<fiber_message>(exports, "fiberMessage");
  offer<fiber_programs>(exports, "fiberPrograms");
  offer<fiber_sites>(exports, "fiberSites");
  offer<fiber_verdicts>(exports, "fiberVerdicts");
}

}  // namespace groundhog
