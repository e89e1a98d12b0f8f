// What JavaScript calls. Each function takes the number of a pool and plain numbers, and answers
// with a number: an offset or a count, or a negative Fault. native/pool.ts is the only caller.

#include "numbers.h"
#include "offers.h"
#include "open_pools.h"
#include "seen.h"

namespace groundhog {
namespace {

OpenPools pools;

constexpr double kWordMax = 4294967295;

napi_value allocate(napi_env env, napi_callback_info info) {
  auto [id, bytes, tag] = numbers<3>(env, info);
  OpenPool* open = pools.find(id);
  if (open == nullptr) return number(env, Fault::closed);
  Result<uint64_t> size = whole(bytes, kWordMax, Fault::invalid_size);
  Result<uint64_t> label = whole(tag, kWordMax, Fault::invalid_size);
  if (!size || !label) return number(env, Fault::invalid_size);
  return number(env, open->pool->allocate(*open->way, *size, static_cast<uint32_t>(*label)));
}

// What call(pool, place) answers, for a pool and an offset.
template <class Call>
napi_value on_block(napi_env env, napi_callback_info info, Call call) {
  auto [id, offset] = numbers<2>(env, info);
  OpenPool* open = pools.find(id);
  if (open == nullptr) return number(env, Fault::closed);
  Result<uint64_t> place = whole(offset, kWordMax, Fault::invalid_offset);
  if (!place) return number(env, place.fault());
  return number(env, call(*open, *place));
}

napi_value free(napi_env env, napi_callback_info info) {
  return on_block(env, info,
                  [](OpenPool& open, uint64_t place) { return open.pool->free(*open.way, place); });
}
napi_value block_tag(napi_env env, napi_callback_info info) {
  return on_block(env, info,
                  [](OpenPool& open, uint64_t place) { return open.pool->block_tag(place); });
}
napi_value block_bytes(napi_env env, napi_callback_info info) {
  return on_block(env, info,
                  [](OpenPool& open, uint64_t place) { return open.pool->block_bytes(place); });
}

// Pool, sizes, tag, and where the offsets go, as long as the sizes: how many there are.
napi_value allocate_all(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  OpenPool* open = pools.find(arguments.number(0));
  if (open == nullptr) return number(env, Fault::closed);
  Result<uint64_t> tag = whole(arguments.number(2), kWordMax, Fault::invalid_size);
  std::span<uint32_t> offsets = arguments.words(3);
  std::span<const uint32_t> sizes = arguments.words(1);
  if (!tag || offsets.size() < sizes.size()) return number(env, Fault::invalid_size);
  uint32_t done =
      open->pool->allocate_all(*open->way, sizes, static_cast<uint32_t>(*tag), offsets.data());
  return number(env, Result<uint32_t>(done));
}

// Pool and offsets: how many were freed.
napi_value free_all(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  OpenPool* open = pools.find(arguments.number(0));
  if (open == nullptr) return number(env, Fault::closed);
  uint32_t done = open->pool->free_all(*open->way, arguments.words(1));
  return number(env, Result<uint32_t>(done));
}

enum OpenFlag : uint32_t {
  kZeroed = 1,
  kWiped = 2,
  kHugePages = 4,
  kPinned = 8,
  kBound = 16,
  kPopulated = 32,
  kRecorded = 64,
  kDeferred = 128,
  kBackground = 256,
  kTransparentHugePages = 512,
};

// Capacity, the two halves of the secret, flags, quarantine, kind of backing, path, node.
Napi::Value open(const Napi::CallbackInfo& info) {
  auto word = [&](size_t at) { return whole(as_double(info[at]), kWordMax, Fault::invalid_size); };
  Result<uint64_t> bytes = whole(as_double(info[0]), Region::kCapacityBytesMax, Fault::invalid_size);
  Result<uint64_t> quarantine = word(4);
  Result<uint64_t> node = word(7);
  if (!bytes || !quarantine || !node) {
    return Napi::Number::New(info.Env(), static_cast<double>(Fault::invalid_size));
  }
  uint32_t flags = static_cast<uint32_t>(*word(3));
  std::string path = info[6].As<Napi::String>();
  PoolOptions options;
  options.capacity_bytes = *bytes;
  options.secret = *word(2) << 32 | *word(1);
  options.zeroed = (flags & kZeroed) != 0;
  options.wiped = (flags & kWiped) != 0;
  options.quarantine = static_cast<uint32_t>(*quarantine);
  options.wiped_later = (flags & kDeferred) != 0;
  options.background = (flags & kBackground) != 0;
  options.recorded = (flags & kRecorded) != 0;
  options.backing.kind = static_cast<BackingOptions::Kind>(*word(5));
  options.backing.path = path.c_str();
  options.backing.huge_pages = (flags & kHugePages) != 0;
  options.backing.transparent_huge_pages = (flags & kTransparentHugePages) != 0;
  options.backing.pinned = (flags & kPinned) != 0;
  options.backing.populated = (flags & kPopulated) != 0;
  options.backing.bound = (flags & kBound) != 0;
  options.backing.node = static_cast<uint32_t>(*node);
  Result<uint32_t> id = pools.open(options);
  return Napi::Number::New(info.Env(),
                           id ? static_cast<double>(*id) : static_cast<double>(id.fault()));
}

OpenPool* pool_of(const Napi::CallbackInfo& info) { return pools.find(as_double(info[0])); }

// The region as an ArrayBuffer. Its finalizer closes a pool that nobody closed.
Napi::Value buffer(const Napi::CallbackInfo& info) {
  OpenPool* open = pool_of(info);
  OpenPools::hold(open);
  return Napi::ArrayBuffer::New(
      info.Env(), open->pool->bytes(), open->pool->capacity_bytes(),
      [](Napi::Env, void*, OpenPool* held) {
        pools.close(held);
        OpenPools::let_go(held);
      },
      open);
}

Napi::Value stats(const Napi::CallbackInfo& info) {
  return object_of(info.Env(), pool_of(info)->pool->stats());
}

Napi::Value live(const Napi::CallbackInfo& info) {
  return rows_of(info.Env(), pool_of(info)->pool->live_blocks());
}

// Bytes of a cell, of large blocks, and touched; then as arrays the cells, and for each size class
// that has slabs its bytes, their number, and the bytes in use.
Napi::Value map(const Napi::CallbackInfo& info) {
  uint32_t cells = static_cast<uint32_t>(as_double(info[1]));
  MemoryMap map = pool_of(info)->pool->map(cells);
  Napi::Object result = Napi::Object::New(info.Env());
  result["cellBytes"] = static_cast<double>(map.cell_bytes);
  result["largeBytes"] = static_cast<double>(map.large_bytes);
  result["touchedBytes"] = static_cast<double>(map.touched_bytes);
  auto in_use = Napi::Uint32Array::New(info.Env(), map.cells.size());
  std::copy(map.cells.begin(), map.cells.end(), in_use.Data());
  result["cells"] = in_use;
  std::vector<double> rows;
  for (uint32_t size = 1; size <= kClassCount; ++size) {
    if (map.slabs[size] == 0) continue;
    rows.push_back(static_cast<double>(units_of(static_cast<SizeClass>(size)) * kUnitBytes));
    rows.push_back(map.slabs[size]);
    rows.push_back(static_cast<double>(map.in_slabs[size]));
  }
  auto classes = Napi::Float64Array::New(info.Env(), rows.size());
  std::copy(rows.begin(), rows.end(), classes.Data());
  result["classes"] = classes;
  return result;
}

// Offset, bytes and tag of each block that was written to after its free.
Napi::Value late_writes(const Napi::CallbackInfo& info) {
  std::vector<LateWrite> writes = pool_of(info)->pool->take_late_writes();
  auto result = Napi::Uint32Array::New(info.Env(), writes.size() * 3);
  uint32_t* out = result.Data();
  for (const LateWrite& write : writes) {
    *out++ = write.offset;
    *out++ = write.bytes;
    *out++ = write.tag;
  }
  return result;
}

// For each thing that can be asked for: 0 when it was not, 1 when it was granted, else -errno.
Napi::Value grants(const Napi::CallbackInfo& info) {
  const Backing::Grants& grants = pool_of(info)->pool->backing().grants();
  Napi::Object result = Napi::Object::New(info.Env());
  auto set = [&](const char* name, const Grant& grant) {
    int value = grant.is == Grant::Is::granted   ? 1
                : grant.is == Grant::Is::refused ? -grant.error
                                                 : 0;
    result[name] = value;
  };
  set("memoryFile", grants.memory_file);
  set("hugePages", grants.huge_pages);
  set("transparentHugePages", grants.transparent_huge_pages);
  set("pinned", grants.pinned);
  set("populated", grants.populated);
  set("bound", grants.bound);
  return result;
}

Napi::Value content_hash(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), pool_of(info)->pool->content_hash());
}

// What magazines.ts works on: the ledger; where in it the magazines of the pool's way in lie, 64
// words each, and the classes of the slabs; the table of size classes. Nothing when blocks need
// more care than it takes.
Napi::Value magazines(const Napi::CallbackInfo& info) {
  OpenPool* open = pool_of(info);
  Workings workings = open->pool->workings(*open->way);
  if (workings.ledger.start == nullptr) return info.Env().Undefined();
  OpenPools::hold(open);
  Napi::Object result = Napi::Object::New(info.Env());
  result["ledger"] = Napi::ArrayBuffer::New(
      info.Env(), workings.ledger.start, workings.ledger.bytes,
      [](Napi::Env, void*, OpenPool* held) { OpenPools::let_go(held); }, open);
  auto set_part = [&](const char* name, Span part) {
    Napi::Object place = Napi::Object::New(info.Env());
    place["offset"] = static_cast<double>(part.start - workings.ledger.start);
    place["bytes"] = static_cast<double>(part.bytes);
    result[name] = place;
  };
  set_part("magazines", workings.magazines);
  set_part("slabClasses", workings.slab_classes);
  auto classes = Napi::Uint8Array::New(info.Env(), kClassOfUnits.size());
  std::copy(kClassOfUnits.begin(), kClassOfUnits.end(), classes.Data());
  result["classOfUnits"] = classes;
  Guard guard = open->pool->guard();
  result["canary"] = static_cast<int32_t>(guard.canary());
  result["freed"] = static_cast<int32_t>(guard.freed());
  result["salt"] = static_cast<int32_t>(guard.salt());
  return result;
}

// Whether reports will be written to that path.
Napi::Value post_mortem(const Napi::CallbackInfo& info) {
  std::string path = info[0].As<Napi::String>();
  return Napi::Boolean::New(info.Env(), PostMortem::enable(path.c_str()));
}

// Writes one now; its first lines are given.
Napi::Value post_mortem_of(const Napi::CallbackInfo& info) {
  std::string reason = info[0].As<Napi::String>();
  PostMortem::write(reason.c_str());
  return info.Env().Undefined();
}

// As `Offer` in port/transactions.h.
Napi::Value transactions(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(Rtm::offer()));
}

// Bytes at most: bytes that were wiped.
Napi::Value wipe(const Napi::CallbackInfo& info) {
  OpenPool* open = pool_of(info);
  size_t wiped = open->pool->wipe(*open->way, static_cast<size_t>(as_double(info[1])));
  return Napi::Number::New(info.Env(), static_cast<double>(wiped));
}

// A window onto the region, whose ArrayBuffer owns it; or a fault. Pool and OnWrite.
Napi::Value window(const Napi::CallbackInfo& info) {
  OnWrite on_write = static_cast<OnWrite>(as_double(info[1]));
  auto made = std::make_unique<Window>();
  Fault fault = pool_of(info)->pool->backing().open_window(on_write, *made);
  if (fault != Fault::none) return Napi::Number::New(info.Env(), static_cast<double>(fault));
  Span span = made->span();
  return Napi::ArrayBuffer::New(
      info.Env(), span.start, span.bytes, [](Napi::Env, void*, Window* held) { delete held; },
      made.release());
}

// Takes the memory from under the ArrayBuffers, whose views are empty from now on.
Napi::Value close(const Napi::CallbackInfo& info) {
  OpenPool* open = pool_of(info);
  if (open != nullptr) {
    Napi::Array buffers = info[1].As<Napi::Array>();
    for (uint32_t at = 0; at < buffers.Length(); ++at) {
      Napi::Value buffer = buffers[at];
      buffer.As<Napi::ArrayBuffer>().Detach();
    }
    pools.close(open);
  }
  return info.Env().Undefined();
}

}  // namespace

void offer_pools(Napi::Object exports) {
  offer_fast(exports, "allocate", allocate);
  offer_fast(exports, "free", free);
  offer_fast(exports, "allocateAll", allocate_all);
  offer_fast(exports, "freeAll", free_all);
  offer_fast(exports, "blockBytes", block_bytes);
  offer_fast(exports, "blockTag", block_tag);
  offer<transactions>(exports, "transactions");
  offer<post_mortem>(exports, "postMortem");
  offer<post_mortem_of>(exports, "postMortemOf");
  offer<open>(exports, "open");
  offer<buffer>(exports, "buffer");
  offer<stats>(exports, "stats");
  offer<live>(exports, "live");
  offer<map>(exports, "map");
  offer<magazines>(exports, "magazines");
  offer<late_writes>(exports, "lateWrites");
  offer<grants>(exports, "grants");
  offer<content_hash>(exports, "contentHash");
  offer<wipe>(exports, "wipe");
  offer<window>(exports, "window");
  offer<close>(exports, "close");
}

}  // namespace groundhog
