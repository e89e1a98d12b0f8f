// What is told of a pool's live blocks, for JavaScript.

#pragma once

#include <napi.h>

#include "../pool/pool.h"

namespace groundhog {

// Of each block: offset or handle, bytes, tag, and whether it is intact.
inline Napi::Uint32Array rows_of(Napi::Env env, const std::vector<LiveBlock>& blocks) {
  auto rows = Napi::Uint32Array::New(env, blocks.size() * 4);
  uint32_t* out = rows.Data();
  for (const LiveBlock& block : blocks) {
    *out++ = block.offset;
    *out++ = block.bytes;
    *out++ = block.tag;
    *out++ = block.intact ? 1 : 0;
  }
  return rows;
}

inline Napi::Value object_of(Napi::Env env, const PoolStats& stats) {
  Napi::Object result = Napi::Object::New(env);
  result["liveBytes"] = static_cast<double>(stats.live_bytes);
  result["liveBlocks"] = static_cast<double>(stats.live_blocks);
  return result;
}

inline Napi::Value object_of(Napi::Env env, const Seen& seen) {
  Napi::Object result = Napi::Object::New(env);
  result["liveBytes"] = static_cast<double>(seen.live_bytes);
  result["contentHash"] = Napi::BigInt::New(env, seen.content_hash);
  result["blocks"] = rows_of(env, seen.live);
  return result;
}

}  // namespace groundhog
