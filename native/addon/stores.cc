// Stores of pool/store.h, by small numbers. One belongs to the thread that opened it.

#include <memory>
#include <string>

#include "../pool/store.h"
#include "numbers.h"
#include "offers.h"
#include "table.h"

namespace groundhog {
namespace {

Table<Store> stores;

// Path, capacity, and whether commits wait for the disk: a number, or a fault.
Napi::Value store_open(const Napi::CallbackInfo& info) {
  std::string path = info[0].As<Napi::String>();
  Result<uint64_t> bytes = whole(as_double(info[1]), size_t{4} << 30, Fault::invalid_size);
  if (!bytes) return number(info, bytes.fault());
  auto made = std::make_shared<Store>();
  Fault fault = Store::open(real_kernel(), path.c_str(), *bytes, *made);
  if (fault != Fault::none) return number(info, fault);
  made->set_durable(info[2].As<Napi::Boolean>());
  return number(info, stores.add(std::move(made)));
}

std::span<const std::byte> bytes_of(Napi::Value value) {
  if (!value.IsTypedArray()) return {};
  auto array = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const std::byte*>(array.Data()), array.ByteLength()};
}

Napi::Value store_put(const Napi::CallbackInfo& info) {
  std::shared_ptr<Store> store = stores.find(as_double(info[0]));
  return store ? number(info, store->put(bytes_of(info[1]), 0)) : number(info, Fault::closed);
}

// What call(store, id) answers.
template <class Call>
Napi::Value on_store(const Napi::CallbackInfo& info, Call call) {
  std::shared_ptr<Store> store = stores.find(as_double(info[0]));
  if (store == nullptr) return number(info, Fault::closed);
  Result<uint64_t> id = whole(as_double(info[1]), UINT32_MAX, Fault::invalid_offset);
  if (!id) return number(info, id.fault());
  return call(*store, static_cast<BlockId>(*id));
}

// A copy of the bytes, or a fault.
Napi::Value store_get(const Napi::CallbackInfo& info) {
  return on_store(info, [&](Store& store, BlockId id) -> Napi::Value {
    Result<std::span<const std::byte>> bytes = store.get(id);
    if (!bytes) return number(info, bytes.fault());
    auto copy = Napi::Uint8Array::New(info.Env(), (*bytes).size());
    std::memcpy(copy.Data(), (*bytes).data(), (*bytes).size());
    return copy;
  });
}
Napi::Value store_replace(const Napi::CallbackInfo& info) {
  return on_store(info, [&](Store& store, BlockId id) {
    return number(info, store.replace(id, bytes_of(info[2])));
  });
}
Napi::Value store_free(const Napi::CallbackInfo& info) {
  return on_store(info, [&](Store& store, BlockId id) { return number(info, store.free(id)); });
}

// Of an open store: at most so many blocks move; how many did.
Napi::Value store_compact(const Napi::CallbackInfo& info) {
  std::shared_ptr<Store> store = stores.find(as_double(info[0]));
  double most = as_double(info[1]);
  uint32_t moved = 0;
  while (moved < most && store->move_last()) ++moved;
  return Napi::Number::New(info.Env(), moved);
}

// Of an open store: its ids, then how many blocks were dropped when it was opened, and where the
// last one ends.
Napi::Value store_look(const Napi::CallbackInfo& info) {
  std::shared_ptr<Store> store = stores.find(as_double(info[0]));
  std::vector<BlockId> ids = store->ids();
  auto result = Napi::Float64Array::New(info.Env(), ids.size() + 2);
  std::copy(ids.begin(), ids.end(), result.Data());
  result[ids.size()] = store->dropped();
  result[ids.size() + 1] = static_cast<double>(store->top_bytes());
  return result;
}

Napi::Value store_close(const Napi::CallbackInfo& info) {
  stores.close(as_double(info[0]));
  return info.Env().Undefined();
}

}  // namespace

void offer_stores(Napi::Object exports) {
  offer<store_open>(exports, "storeOpen");
  offer<store_put>(exports, "storePut");
  offer<store_get>(exports, "storeGet");
  offer<store_replace>(exports, "storeReplace");
  offer<store_free>(exports, "storeFree");
  offer<store_compact>(exports, "storeCompact");
  offer<store_look>(exports, "storeLook");
  offer<store_close>(exports, "storeClose");
}

}  // namespace groundhog
