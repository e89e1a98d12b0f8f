// The calls to the operating system that memory needs. Tests replace some of them by ones that fail
// when told to; see test/faulty_kernel.h.

#pragma once

#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace groundhog {

struct Span {
  std::byte* start = nullptr;
  size_t bytes = 0;
};

// Each answers as the call itself: MAP_FAILED or -1 with errno set, when it failed.
class Kernel {
 public:
  virtual ~Kernel() = default;

  virtual void* map(size_t bytes, int flags, int file) noexcept {
    return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
  }
  virtual int unmap(Span span) noexcept { return ::munmap(span.start, span.bytes); }
  virtual int advise(Span span, int advice) noexcept {
    return ::madvise(span.start, span.bytes, advice);
  }
  virtual int protect(Span span, int protection) noexcept {
    return ::mprotect(span.start, span.bytes, protection);
  }
  virtual int pin(Span span) noexcept { return ::mlock(span.start, span.bytes); }
  virtual int bind(Span span, uint32_t node) noexcept {
    constexpr int kBind = 2;  // MPOL_BIND, whose header belongs to a library that need not be there
    unsigned long nodes[16] = {};
    if (node >= sizeof(nodes) * 8) {
      errno = EINVAL;
      return -1;
    }
    nodes[node / 64] |= 1ul << node % 64;
    return static_cast<int>(
        ::syscall(SYS_mbind, span.start, span.bytes, kBind, nodes, sizeof(nodes) * 8 + 1, 0));
  }
  virtual int sync(Span span) noexcept { return ::msync(span.start, span.bytes, MS_SYNC); }

  virtual int memory_file() noexcept { return ::memfd_create("groundhog", MFD_CLOEXEC); }
  virtual int open(const char* path) noexcept {
    return ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  }
  virtual int lock(int file) noexcept { return ::flock(file, LOCK_EX | LOCK_NB); }
  virtual int64_t size(int file) noexcept {
    struct stat status;
    return ::fstat(file, &status) == 0 ? static_cast<int64_t>(status.st_size) : -1;
  }
  // Space on the disk, so that a full one is an error here and no signal later.
  virtual int extend(int file, size_t bytes) noexcept {
    int error = ::posix_fallocate(file, 0, static_cast<off_t>(bytes));
    errno = error;
    return error == 0 ? 0 : -1;
  }
  virtual int truncate(int file, size_t bytes) noexcept {
    return ::ftruncate(file, static_cast<off_t>(bytes));
  }
  virtual int64_t read(int file, std::byte* to, size_t bytes, size_t at) noexcept {
    return ::pread(file, to, bytes, static_cast<off_t>(at));
  }
  virtual int close(int file) noexcept { return ::close(file); }
};

inline Kernel& real_kernel() noexcept {
  static Kernel kernel;
  return kernel;
}

}  // namespace groundhog
