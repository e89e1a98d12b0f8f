// Pools of movable blocks, by small numbers, as open_pools.h has it for the others. They are plain
// memory, and belong to the thread that opened them.

#include <memory>

#include "../alloc/movable.h"
#include "../pool/region.h"
#include "numbers.h"
#include "offers.h"
#include "table.h"

namespace groundhog {
namespace {

constexpr size_t kMovableBytesMax = size_t{4} << 30;

struct OpenMovable {
  explicit OpenMovable(Region of) noexcept
      : region(std::move(of)),
        blocks(region.bytes(), region.capacity_bytes(), region.ledger()) {}

  Region region;
  Movable blocks;
};

Table<OpenMovable> movables;

Result<uint32_t> open_movable(size_t capacity_bytes) {
  if (capacity_bytes == 0) return Fault::invalid_size;
  capacity_bytes = round_up(capacity_bytes, kPageBytes);
  Region region;
  Fault fault = Region::open(real_kernel(), {}, capacity_bytes,
                             Movable::ledger_bytes(capacity_bytes), region);
  if (fault != Fault::none) return fault;
  return movables.add(std::make_shared<OpenMovable>(std::move(region)));
}

Napi::Value movable_open(const Napi::CallbackInfo& info) {
  Result<uint64_t> bytes = whole(as_double(info[0]), kMovableBytesMax, Fault::invalid_size);
  return bytes ? number(info, open_movable(*bytes)) : number(info, bytes.fault());
}

Napi::Value movable_buffer(const Napi::CallbackInfo& info) {
  auto* held = new std::shared_ptr<OpenMovable>(movables.find(as_double(info[0])));
  Region& region = (*held)->region;
  return Napi::ArrayBuffer::New(
      info.Env(), region.bytes(), region.capacity_bytes(),
      [](Napi::Env, void*, std::shared_ptr<OpenMovable>* of) { delete of; }, held);
}

// What call(blocks, number) answers, with the second argument as a whole number of 32 bits.
template <class Call>
Napi::Value on_movable(const Napi::CallbackInfo& info, Fault otherwise, Call call) {
  std::shared_ptr<OpenMovable> open = movables.find(as_double(info[0]));
  if (open == nullptr) return number(info, Fault::closed);
  Result<uint64_t> word = whole(as_double(info[1]), UINT32_MAX, otherwise);
  if (!word) return number(info, word.fault());
  return number(info, call(*open, static_cast<uint32_t>(*word)));
}

Napi::Value movable_allocate(const Napi::CallbackInfo& info) {
  return on_movable(info, Fault::invalid_size, [&](OpenMovable& open, uint32_t bytes) {
    Result<Handle> made = open.blocks.allocate(bytes, static_cast<uint32_t>(as_double(info[2])));
    if (made) std::memset(open.blocks.at(*made).data(), 0, bytes);
    return made;
  });
}
Napi::Value movable_free(const Napi::CallbackInfo& info) {
  return on_movable(info, Fault::invalid_offset, [](OpenMovable& open, Handle handle) {
    return open.blocks.free(handle);
  });
}
Napi::Value movable_pin(const Napi::CallbackInfo& info) {
  return on_movable(info, Fault::invalid_offset, [](OpenMovable& open, Handle handle) {
    return open.blocks.pin(handle);
  });
}
Napi::Value movable_unpin(const Napi::CallbackInfo& info) {
  return on_movable(info, Fault::invalid_offset, [](OpenMovable& open, Handle handle) {
    return open.blocks.unpin(handle);
  });
}
Napi::Value movable_bytes(const Napi::CallbackInfo& info) {
  return on_movable(info, Fault::invalid_offset,
                    [](OpenMovable& open, Handle handle) -> Result<uint32_t> {
                      Fault fault = open.blocks.look(handle);
                      if (fault != Fault::none) return fault;
                      return static_cast<uint32_t>(open.blocks.at(handle).size());
                    });
}
Napi::Value movable_offset(const Napi::CallbackInfo& info) {
  return on_movable(info, Fault::invalid_offset,
                    [](OpenMovable& open, Handle handle) -> Result<uint32_t> {
                      Fault fault = open.blocks.look(handle);
                      if (fault != Fault::none) return fault;
                      return static_cast<uint32_t>(open.blocks.at(handle).data() -
                                                   open.region.bytes());
                    });
}

// Of an open pool: bytes moved, bytes given back, whether it is done, and the bytes that live.
Napi::Value movable_step(const Napi::CallbackInfo& info) {
  std::shared_ptr<OpenMovable> open = movables.find(as_double(info[0]));
  auto result = Napi::Float64Array::New(info.Env(), 4);
  Movable::Step step =
      open->blocks.step(static_cast<size_t>(as_double(info[1])),
                        [&](size_t from, size_t to) { open->region.backing().forget(from, to); });
  result[0] = static_cast<double>(step.moved_bytes);
  result[1] = static_cast<double>(step.forgotten_bytes);
  result[2] = step.done ? 1 : 0;
  result[3] = static_cast<double>(open->blocks.live_bytes());
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
  offer<movable_free>(exports, "movableFree");
  offer<movable_pin>(exports, "movablePin");
  offer<movable_unpin>(exports, "movableUnpin");
  offer<movable_bytes>(exports, "movableBytes");
  offer<movable_offset>(exports, "movableOffset");
  offer<movable_step>(exports, "movableStep");
  offer<movable_close>(exports, "movableClose");
}

}  // namespace groundhog
