// Pools as they are offered: canaries around each block, set when it is made and looked at when it
// is freed.

#include "../pool/open_pool.h"
#include "loads.h"

namespace {

using namespace groundhog;

LargePool* pool;
thread_local Way* way;

struct Arm {
  static void begin_thread() {
    if (way == nullptr) way = pool->attach();
  }
  static void end_thread() {
    pool->detach(way);
    way = nullptr;
  }
  static void* alloc(size_t bytes) { return pool->bytes() + *pool->allocate(*way, bytes, 0); }
  static void free(void* block) {
    if (pool->free(*way, static_cast<std::byte*>(block) - pool->bytes()) != Fault::none) abort();
  }
};

}  // namespace

int main(int argc, char** argv) {
  Shelf shelf;
  std::unique_ptr<Pool> made;
  PoolOptions options{.capacity_bytes = size_t{2} << 30, .zeroed = false};
  if (open_pool(shelf, options, made) != Fault::none) return 1;
  pool = static_cast<LargePool*>(made.get());
  return groundhog::bench::main<Arm>(argc, argv);
}
