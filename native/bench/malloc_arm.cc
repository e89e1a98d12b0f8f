// malloc and free of the process: whichever library LD_PRELOAD puts in their place.

#include "loads.h"

namespace {

struct Malloc {
  static void begin_thread() {}
  static void end_thread() {}
  static void* alloc(size_t bytes) { return std::malloc(bytes); }
  static void free(void* block) { std::free(block); }
};

}  // namespace

int main(int argc, char** argv) { return groundhog::bench::main<Malloc>(argc, argv); }
