// Pools of movable blocks, by small numbers, as open_pools.h has it for the others. They are plain
// memory, and belong to the thread that opened them; one of their own may move blocks.

#include <memory>

#include "../pool/movable_pool.h"
#include "numbers.h"
#include "offers.h"
#include "seen.h"
#include "table.h"

namespace groundhog {
namespace {

struct OpenMovable {
  OpenMovable(Region of, bool background) : region(std::move(of)), pool(region, background) {}
  ~OpenMovable() { pool.end(); }

  Region region;
  MovablePool<RealSync> pool;
};

Table<OpenMovable> movables;

Result<uint32_t> open_movable(size_t capacity_bytes, bool background) {
  if (capacity_bytes == 0) return Fault::invalid_size;
  capacity_bytes = round_up(capacity_bytes, kPageBytes);
  Region region;
  Fault fault = Region::open(real_kernel(), {}, capacity_bytes,
                             Movable::ledger_bytes(capacity_bytes), region);
  if (fault != Fault::none) return fault;
  return movables.add(std::make_shared<OpenMovable>(std::move(region), background));
}

// Capacity, and whether it has a thread of its own: a number, or a fault.
Napi::Value movable_open(const Napi::CallbackInfo& info) {
  Result<uint64_t> bytes = whole(as_double(info[0]), Region::kCapacityBytesMax, Fault::invalid_size);
  if (!bytes) return number(info, bytes.fault());
  return number(info, open_movable(*bytes, info[1].ToBoolean().Value()));
}

// The region. Its finalizer closes a pool that nobody closed.
Napi::Value movable_buffer(const Napi::CallbackInfo& info) {
  double id = as_double(info[0]);
  Region& region = movables.find(id)->region;
  return Napi::ArrayBuffer::New(
      info.Env(), region.bytes(), region.capacity_bytes(),
      [](Napi::Env, void*, double* of) {
        movables.close(*of);
        delete of;
      },
      new double(id));
}

// What call(pool, number) answers, with the second argument as a whole number of 32 bits.
template <class Call>
Napi::Value on_movable(const Napi::CallbackInfo& info, Fault otherwise, Call call) {
  std::shared_ptr<OpenMovable> open = movables.find(as_double(info[0]));
  if (open == nullptr) return number(info, Fault::closed);
  Result<uint64_t> word = whole(as_double(info[1]), UINT32_MAX, otherwise);
  if (!word) return number(info, word.fault());
  return number(info, call(open->pool, static_cast<uint32_t>(*word)));
}

using ThePool = MovablePool<RealSync>;

Napi::Value movable_allocate(const Napi::CallbackInfo& info) {
  return on_movable(info, Fault::invalid_size, [&](ThePool& pool, uint32_t bytes) {
    return pool.allocate(bytes, static_cast<uint32_t>(as_double(info[2])));
  });
}
// Of a block: what `kCall` answers, a number or a fault.
template <auto kCall>
Napi::Value movable_block(const Napi::CallbackInfo& info) {
  return on_movable(info, Fault::invalid_offset,
                    [](ThePool& pool, Handle handle) { return (pool.*kCall)(handle); });
}

Napi::Value movable_stats(const Napi::CallbackInfo& info) {
  return object_of(info.Env(), movables.find(as_double(info[0]))->pool.stats());
}

Napi::Value movable_seen(const Napi::CallbackInfo& info) {
  return object_of(info.Env(), movables.find(as_double(info[0]))->pool.seen());
}

// Of an open pool: bytes moved, bytes given back, and whether it is done.
Napi::Value movable_step(const Napi::CallbackInfo& info) {
  std::shared_ptr<OpenMovable> open = movables.find(as_double(info[0]));
  auto result = Napi::Float64Array::New(info.Env(), 3);
  Movable::Step step = open->pool.step(static_cast<size_t>(as_double(info[1])));
  result[0] = static_cast<double>(step.moved_bytes);
  result[1] = static_cast<double>(step.forgotten_bytes);
  result[2] = step.done ? 1 : 0;
  return result;
}

Napi::Value movable_close(const Napi::CallbackInfo& info) {
  info[1].As<Napi::ArrayBuffer>().Detach();
  movables.close(as_double(info[0]));
  return info.Env().Undefined();
}

}  // namespace

void offer_movables(Napi::Object exports) {
  offer<movable_open>(exports, "movableOpen");
  offer<movable_buffer>(exports, "movableBuffer");
  offer<movable_allocate>(exports, "movableAllocate");
  offer<movable_block<&ThePool::free>>(exports, "movableFree");
  offer<movable_block<&ThePool::pin>>(exports, "movablePin");
  offer<movable_block<&ThePool::unpin>>(exports, "movableUnpin");
  offer<movable_block<&ThePool::block_bytes>>(exports, "movableBytes");
  offer<movable_block<&ThePool::offset>>(exports, "movableOffset");
  offer<movable_stats>(exports, "movableStats");
  offer<movable_seen>(exports, "movableSeen");
  offer<movable_step>(exports, "movableStep");
  offer<movable_close>(exports, "movableClose");
}

}  // namespace groundhog
