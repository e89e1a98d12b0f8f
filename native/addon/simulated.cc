// Pools of the simulated world: a call goes up to its end or to the next question, and answers with
// it. JavaScript is never called from a fiber. native/simulated.ts is the only caller.

#include <algorithm>

#include "../pool/open_simulated_pool.h"
#include "numbers.h"
#include "offers.h"
#include "seen.h"
#include "table.h"

namespace groundhog {
namespace {

// What is told of a call: a result; from here down a question; and below that a verdict.
constexpr double kQuestions = -4294967296.0;
constexpr double kVerdicts = 2 * kQuestions;

Shelf shelf;

struct OpenSimulated {
  explicit OpenSimulated(std::unique_ptr<SimulatedPool> opened) noexcept
      : pool(std::move(opened)) {}
  ~OpenSimulated() {
    if (!pool->is_over()) pool->call({SimulatedPool::Call::close}, true);
    bool whole = pool->outcome().verdict == sim::Verdict::passed;
    if (whole) shelf.put(pool->take_region());
  }

  std::unique_ptr<SimulatedPool> pool;
};

// Each is the thread's that opened it.
Table<OpenSimulated> open_ones;

double told(const SimulatedPool& pool, bool ended) noexcept {
  if (pool.is_over()) return kVerdicts - static_cast<double>(pool.outcome().verdict);
  if (ended) {
    Result<uint32_t> result = pool.result();
    return result ? static_cast<double>(*result) : static_cast<double>(result.fault());
  }
  const sim::Engine::Question& question = pool.question();
  return kQuestions -
         static_cast<double>(static_cast<uint32_t>(question.site) << 16 | question.count);
}

napi_value as_value(napi_env env, double value) noexcept {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

// Capacity, and `Simulated`: a number, or a fault.
Napi::Value simulated_open(const Napi::CallbackInfo& info) {
  Result<uint64_t> bytes = whole(as_double(info[0]), Region::kCapacityBytesMax, Fault::invalid_size);
  if (!bytes) return number(info, bytes.fault());
  std::unique_ptr<SimulatedPool> made;
  Fault fault = open_simulated_pool(shelf, {.capacity_bytes = *bytes},
                                    static_cast<Simulated>(as_double(info[1])), made);
  if (fault != Fault::none) return number(info, fault);
  return number(info, open_ones.add(std::make_shared<OpenSimulated>(std::move(made))));
}

// The region. Its finalizer closes a pool that nobody closed.
Napi::Value simulated_buffer(const Napi::CallbackInfo& info) {
  double id = as_double(info[0]);
  std::shared_ptr<OpenSimulated> open = open_ones.find(id);
  return Napi::ArrayBuffer::New(
      info.Env(), open->pool->bytes(), open->pool->capacity_bytes(),
      [](Napi::Env, void*, double* of) {
        open_ones.close(*of);
        delete of;
      },
      new double(id));
}

// Number, call, its two arguments, and whether it is a calm one.
napi_value simulated_call(napi_env env, napi_callback_info info) {
  auto [id, which, first, second, calm] = numbers<5>(env, info);
  std::shared_ptr<OpenSimulated> open = open_ones.find(id);
  if (open == nullptr || open->pool->is_over()) return number(env, Fault::closed);
  auto call = static_cast<SimulatedPool::Call>(which);
  bool allocates = call == SimulatedPool::Call::allocate;
  Result<uint64_t> word =
      whole(first, 4294967295, allocates ? Fault::invalid_size : Fault::invalid_offset);
  if (!word) return number(env, word.fault());
  SimulatedPool& pool = *open->pool;
  return as_value(env,
                  told(pool, pool.call({call, *word, static_cast<uint32_t>(second)}, calm != 0)));
}

// Number and answer, after a question only.
napi_value simulated_resume(napi_env env, napi_callback_info info) {
  auto [id, answer] = numbers<2>(env, info);
  SimulatedPool& pool = *open_ones.find(id)->pool;
  return as_value(env, told(pool, pool.resume(static_cast<uint32_t>(answer))));
}

// What the engine found.
Napi::Value simulated_message(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), open_ones.find(as_double(info[0]))->pool->outcome().message);
}

// After a look.
Napi::Value simulated_seen(const Napi::CallbackInfo& info) {
  return object_of(info.Env(), open_ones.find(as_double(info[0]))->pool->seen());
}

// Number and the ArrayBuffer, whose views are empty from now on.
Napi::Value simulated_close(const Napi::CallbackInfo& info) {
  info[1].As<Napi::ArrayBuffer>().Detach();
  open_ones.close(as_double(info[0]));
  return info.Env().Undefined();
}

}  // namespace

void offer_simulated(Napi::Object exports) {
  offer_fast(exports, "simulatedCall", simulated_call);
  offer_fast(exports, "simulatedResume", simulated_resume);
  offer<simulated_open>(exports, "simulatedOpen");
  offer<simulated_buffer>(exports, "simulatedBuffer");
  offer<simulated_message>(exports, "simulatedMessage");
  offer<simulated_seen>(exports, "simulatedSeen");
  offer<simulated_close>(exports, "simulatedClose");
}

}  // namespace groundhog
