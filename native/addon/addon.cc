// What JavaScript calls. Each function takes the number of a pool and plain numbers, and answers
// with a number: an offset or a count, or a negative Fault. native/pool.ts is the only caller.

#include <napi.h>

#include "numbers.h"
#include "open_pools.h"

namespace groundhog {
namespace {

OpenPools pools;

constexpr double kBytesMax = 4294967295;
constexpr double kWordMax = 4294967295;

napi_value open(napi_env env, napi_callback_info info) {
  auto [capacity, secret_low, secret_high] = numbers<3>(env, info);
  Result<uint64_t> bytes = whole(capacity, Pool::kCapacityBytesMax, Fault::invalid_size);
  Result<uint64_t> low = whole(secret_low, kWordMax, Fault::invalid_size);
  Result<uint64_t> high = whole(secret_high, kWordMax, Fault::invalid_size);
  if (!bytes || !low || !high) return number(env, Fault::invalid_size);
  return number(env, pools.open({static_cast<size_t>(*bytes), *high << 32 | *low}));
}

napi_value allocate(napi_env env, napi_callback_info info) {
  auto [id, bytes, tag] = numbers<3>(env, info);
  OpenPool* open = pools.find(id);
  if (open == nullptr) return number(env, Fault::closed);
  Result<uint64_t> size = whole(bytes, kBytesMax, Fault::invalid_size);
  Result<uint64_t> label = whole(tag, kWordMax, Fault::invalid_size);
  if (!size || !label) return number(env, Fault::invalid_size);
  return number(env, open->pool.allocate(*size, static_cast<uint32_t>(*label)));
}

napi_value free(napi_env env, napi_callback_info info) {
  auto [id, offset] = numbers<2>(env, info);
  OpenPool* open = pools.find(id);
  if (open == nullptr) return number(env, Fault::closed);
  Result<uint64_t> place = whole(offset, kBytesMax, Fault::invalid_offset);
  return number(env, place ? open->pool.free(*place) : place.fault());
}

napi_value block_bytes(napi_env env, napi_callback_info info) {
  auto [id, offset] = numbers<2>(env, info);
  OpenPool* open = pools.find(id);
  if (open == nullptr) return number(env, Fault::closed);
  Result<uint64_t> place = whole(offset, kBytesMax, Fault::invalid_offset);
  return number(env, place ? open->pool.block_bytes(*place) : Result<uint32_t>(place.fault()));
}

OpenPool* pool_of(const Napi::CallbackInfo& info) {
  return pools.find(info[0].As<Napi::Number>().DoubleValue());
}

// The region as an ArrayBuffer. Its finalizer closes a pool that nobody closed.
Napi::Value buffer(const Napi::CallbackInfo& info) {
  OpenPool* open = pool_of(info);
  OpenPools::hold(open);
  return Napi::ArrayBuffer::New(
      info.Env(), open->pool.bytes(), open->pool.capacity_bytes(),
      [](Napi::Env, void*, OpenPool* held) {
        pools.close(held);
        OpenPools::let_go(held);
      },
      open);
}

Napi::Value stats(const Napi::CallbackInfo& info) {
  const BestFit& blocks = pool_of(info)->pool.blocks();
  Napi::Object result = Napi::Object::New(info.Env());
  result["liveBytes"] = static_cast<double>(blocks.live_bytes());
  result["liveBlocks"] = static_cast<double>(blocks.live_count());
  result["takenBytes"] = static_cast<double>(size_t{blocks.live_units()} * kUnitBytes);
  return result;
}

// Offset, bytes, tag and whether it is intact, for each live block.
Napi::Value live(const Napi::CallbackInfo& info) {
  const Pool& pool = pool_of(info)->pool;
  auto result = Napi::Uint32Array::New(info.Env(), size_t{pool.blocks().live_count()} * 4);
  uint32_t* out = result.Data();
  pool.each_live([&](const Leak& leak) {
    *out++ = leak.offset;
    *out++ = leak.bytes;
    *out++ = leak.tag;
    *out++ = leak.intact ? 1 : 0;
  });
  return result;
}

Napi::Value content_hash(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), pool_of(info)->pool.content_hash());
}

// Takes the region from under its ArrayBuffer, whose views are empty from now on.
Napi::Value close(const Napi::CallbackInfo& info) {
  OpenPool* open = pool_of(info);
  if (open != nullptr) {
    info[1].As<Napi::ArrayBuffer>().Detach();
    pools.close(open);
  }
  return info.Env().Undefined();
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto offer = [&](const char* name, napi_callback call) {
    napi_value function = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function);
    exports.Set(name, function);
  };
  offer("open", open);
  offer("allocate", allocate);
  offer("free", free);
  offer("blockBytes", block_bytes);
  exports.Set("buffer", Napi::Function::New<buffer>(env, "buffer"));
  exports.Set("stats", Napi::Function::New<stats>(env, "stats"));
  exports.Set("live", Napi::Function::New<live>(env, "live"));
  exports.Set("contentHash", Napi::Function::New<content_hash>(env, "contentHash"));
  exports.Set("close", Napi::Function::New<close>(env, "close"));
  return exports;
}

NODE_API_MODULE(groundhog, init)

}  // namespace
}  // namespace groundhog
