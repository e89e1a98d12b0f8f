// The allocator without guards around blocks.

#include "../alloc/heap.h"
#include "../port/backing.h"
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
  constexpr Unit kUnits = kBytes / kUnitBytes;
  static Backing bytes;
  static Backing ledger;
  bool opened =
      Backing::open(real_kernel(), {}, kBytes + kSlabBytes, bytes) == Fault::none &&
      Backing::open(real_kernel(), {}, TheHeap::ledger_bytes(kUnits), ledger) == Fault::none;
  if (!opened) return 1;
  size_t start = reinterpret_cast<size_t>(bytes.span().start);
  region = reinterpret_cast<std::byte*>(round_up(start, kSlabBytes));
  static TheHeap made(ledger.span().start, kUnits);
  heap = &made;
  return groundhog::bench::main<Arm>(argc, argv);
}
