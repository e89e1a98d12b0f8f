#pragma once

#include <sys/mman.h>

#include <cstddef>

namespace groundhog {

struct Span {
  std::byte* start = nullptr;
  size_t bytes = 0;
};

// Zeroed pages straight from the kernel, committed as they are touched.
struct AnonymousPages {
  // An empty span: the kernel has none.
  static Span reserve(size_t bytes) noexcept {
    void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return start == MAP_FAILED ? Span{} : Span{static_cast<std::byte*>(start), bytes};
  }

  static void release(Span span) noexcept { munmap(span.start, span.bytes); }

  // Gives the pages back to the kernel; they read as zero afterwards.
  static void forget(Span span) noexcept { madvise(span.start, span.bytes, MADV_DONTNEED); }
};

}  // namespace groundhog
