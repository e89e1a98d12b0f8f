#include "../alloc/heap.h"
#include "../port/pages.h"
#include "../port/real_sync.h"
#include "loads.h"

namespace {

using namespace groundhog;
using TheHeap = Heap<RealSync>;

constexpr size_t kBytes = size_t{2} << 30;
constexpr size_t kSlabBytes = HeapShape::kSlabUnits * kUnitBytes;

std::byte* region;
TheHeap* heap;
thread_local TheHeap::Cache* cache;

struct Arm {
  static void begin_thread() {
    if (cache == nullptr) cache = heap->attach();
  }
  static void end_thread() {
    heap->detach(*cache);
    cache = nullptr;
  }
  static void* alloc(size_t bytes) {
    return region + size_t{heap->allocate(*cache, bytes)} * kUnitBytes;
  }
  static void free(void* block) {
    size_t offset = static_cast<size_t>(static_cast<std::byte*>(block) - region);
    heap->free(*cache, static_cast<Unit>(offset / kUnitBytes));
  }
};

}  // namespace

int main(int argc, char** argv) {
  std::byte* reserved = AnonymousPages::reserve(kBytes + kSlabBytes).start;
  region = reinterpret_cast<std::byte*>(round_up(reinterpret_cast<size_t>(reserved), kSlabBytes));
  constexpr Unit kUnits = kBytes / kUnitBytes;
  static TheHeap made(AnonymousPages::reserve(TheHeap::ledger_bytes(kUnits)).start, kUnits);
  heap = &made;
  return groundhog::bench::main<Arm>(argc, argv);
}
