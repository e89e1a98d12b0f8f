// A pool as a std::pmr memory resource: containers whose memory lies in the pool, guarded like
// everything there, and told in its reports under one tag.
//
// Addresses are good as long as the pool is. Alignments above 16 bytes are refused, since blocks are
// aligned to units. Without exceptions a refusal cannot be told to a container: it ends the program,
// with a line that says what was asked for.

#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory_resource>

#include "pool.h"

namespace groundhog {

class PoolResource : public std::pmr::memory_resource {
 public:
  // `way` is the calling thread's, as for the pool itself.
  PoolResource(Pool& pool, Way& way, uint32_t tag) noexcept : pool_(pool), way_(way), tag_(tag) {}

 private:
  void* do_allocate(size_t bytes, size_t alignment) override {
    // A container may ask for nothing, and wants an address of its own all the same.
    Result<Offset> offset = alignment <= kUnitBytes
                                ? pool_.allocate(way_, bytes == 0 ? 1 : bytes, tag_)
                                : Fault::invalid_size;
    if (!offset) refuse("allocate", bytes, alignment);
    return pool_.bytes() + *offset;
  }

  void do_deallocate(void* block, size_t bytes, size_t alignment) override {
    uint64_t offset = static_cast<uint64_t>(static_cast<std::byte*>(block) - pool_.bytes());
    if (pool_.free(way_, offset) != Fault::none) refuse("free", bytes, alignment);
  }

  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  [[noreturn]] static void refuse(const char* what, size_t bytes, size_t alignment) noexcept {
    std::fprintf(stderr, "groundhog: the pool cannot %s %zu bytes aligned to %zu\n", what, bytes,
                 alignment);
    std::abort();
  }

  Pool& pool_;
  Way& way_;
  uint32_t tag_;
};

}  // namespace groundhog
