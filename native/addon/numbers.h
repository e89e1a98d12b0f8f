// Arguments and results of the hot calls. They go through the C interface of Node-API: the wrapper
// of node-addon-api doubles the price of a call, and an object wrap costs five times as much.

#pragma once

#include <napi.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "../core/fault.h"

namespace groundhog {

// The arguments of a call.
template <size_t kCount>
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) noexcept : env_(env) {
    size_t count = kCount;
    napi_get_cb_info(env, info, &count, values_.data(), nullptr, nullptr);
  }

  // What is missing or is no number reads as NaN, which no range admits.
  double number(size_t at) const noexcept {
    double result;
    bool is_number = napi_get_value_double(env_, values_[at], &result) == napi_ok;
    return is_number ? result : std::numeric_limits<double>::quiet_NaN();
  }

  // A Uint32Array; what is none has no words.
  std::span<uint32_t> words(size_t at) const noexcept {
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    bool is_array = napi_get_typedarray_info(env_, values_[at], &type, &length, &data, nullptr,
                                             nullptr) == napi_ok;
    if (!is_array || type != napi_uint32_array) return {};
    return {static_cast<uint32_t*>(data), length};
  }

 private:
  napi_env env_;
  std::array<napi_value, kCount> values_;
};

// As `Arguments::number`, all of them.
template <size_t kCount>
std::array<double, kCount> numbers(napi_env env, napi_callback_info info) noexcept {
  Arguments<kCount> arguments(env, info);
  std::array<double, kCount> result;
  for (size_t at = 0; at < kCount; ++at) result[at] = arguments.number(at);
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

// The same for calls that need not be fast.
inline Napi::Value number(const Napi::CallbackInfo& info, Result<uint32_t> value) {
  double told = value ? static_cast<double>(*value) : static_cast<double>(value.fault());
  return Napi::Number::New(info.Env(), told);
}
inline Napi::Value number(const Napi::CallbackInfo& info, Fault fault) {
  return Napi::Number::New(info.Env(), static_cast<double>(fault));
}

}  // namespace groundhog
