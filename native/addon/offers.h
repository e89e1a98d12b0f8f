// What each file of addon/ puts into the exports, and how.

#pragma once

#include <napi.h>

namespace groundhog {

void offer_fibers(Napi::Object exports);
void offer_movables(Napi::Object exports);
void offer_pools(Napi::Object exports);
void offer_searches(Napi::Object exports);
void offer_simulated(Napi::Object exports);
void offer_stores(Napi::Object exports);

template <Napi::Value (*kCall)(const Napi::CallbackInfo&)>
void offer(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<kCall>(exports.Env(), name));
}

// For the hot calls; see numbers.h.
inline void offer_fast(Napi::Object exports, const char* name, napi_callback call) {
  napi_value function = nullptr;
  napi_create_function(exports.Env(), name, NAPI_AUTO_LENGTH, call, nullptr, &function);
  exports.Set(name, function);
}

}  // namespace groundhog
