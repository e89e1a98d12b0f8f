// Arguments and results of the hot calls. They go through the C interface of Node-API: the wrapper
// of node-addon-api doubles the price of a call, and an object wrap costs five times as much.

#pragma once

#include <napi.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "../core/fault.h"

namespace groundhog {

// The arguments of a call. What is missing or is no number reads as NaN, which no range admits.
template <size_t kCount>
std::array<double, kCount> numbers(napi_env env, napi_callback_info info) noexcept {
  std::array<napi_value, kCount> values;
  size_t count = kCount;
  napi_get_cb_info(env, info, &count, values.data(), nullptr, nullptr);
  std::array<double, kCount> result;
  for (size_t at = 0; at < kCount; ++at) {
    if (napi_get_value_double(env, values[at], &result[at]) != napi_ok) {
      result[at] = std::numeric_limits<double>::quiet_NaN();
    }
  }
  return result;
}

inline double as_double(Napi::Value value) noexcept {
  double result;
  bool is_number = napi_get_value_double(value.Env(), value, &result) == napi_ok;
  return is_number ? result : std::numeric_limits<double>::quiet_NaN();
}

// A whole number from 0 to `max`, or `otherwise`.
inline Result<uint64_t> whole(double value, double max, Fault otherwise) noexcept {
  if (!(value >= 0 && value <= max) || value != std::floor(value)) return otherwise;
  return static_cast<uint64_t>(value);
}

inline napi_value number(napi_env env, Fault fault) noexcept {
  napi_value result = nullptr;
  napi_create_int32(env, static_cast<int32_t>(fault), &result);
  return result;
}

inline napi_value number(napi_env env, Result<uint32_t> value) noexcept {
  if (!value) return number(env, value.fault());
  napi_value result = nullptr;
  napi_create_uint32(env, *value, &result);
  return result;
}

}  // namespace groundhog
