// The operating system as it is on a bad day: calls fail when they are told to.

#pragma once

#include "../port/kernel.h"

namespace groundhog::test {

class FaultyKernel : public Kernel {
 public:
  // The error of each call, 0 for none.
  struct Errors {
    int map = 0;
    int pin = 0;
    int bind = 0;
    int advise = 0;
    int protect = 0;
    int memory_file = 0;
    int open = 0;
    int lock = 0;
    int extend = 0;
    int truncate = 0;
  };
  Errors errors;
  // Files and mappings that were opened and not given back.
  int open_files = 0;
  int mappings = 0;
  // mmap fails only when these flags are asked for.
  int map_flags = 0;

  void* map(size_t bytes, int flags, int file) noexcept override {
    if (errors.map != 0 && (flags & map_flags) == map_flags) return failed(errors.map, MAP_FAILED);
    void* start = Kernel::map(bytes, flags, file);
    mappings += start != MAP_FAILED;
    return start;
  }
  int unmap(Span span) noexcept override {
    --mappings;
    return Kernel::unmap(span);
  }
  int advise(Span span, int advice) noexcept override {
    return errors.advise != 0 ? failed(errors.advise, -1) : Kernel::advise(span, advice);
  }
  int protect(Span span, int protection) noexcept override {
    return errors.protect != 0 ? failed(errors.protect, -1) : Kernel::protect(span, protection);
  }
  int pin(Span span) noexcept override {
    return errors.pin != 0 ? failed(errors.pin, -1) : Kernel::pin(span);
  }
  int bind(Span span, uint32_t node) noexcept override {
    return errors.bind != 0 ? failed(errors.bind, -1) : Kernel::bind(span, node);
  }
  int memory_file() noexcept override {
    return errors.memory_file != 0 ? failed(errors.memory_file, -1) : opened(Kernel::memory_file());
  }
  int open(const char* path) noexcept override {
    return errors.open != 0 ? failed(errors.open, -1) : opened(Kernel::open(path));
  }
  int lock(int file) noexcept override {
    return errors.lock != 0 ? failed(errors.lock, -1) : Kernel::lock(file);
  }
  int extend(int file, size_t bytes) noexcept override {
    return errors.extend != 0 ? failed(errors.extend, -1) : Kernel::extend(file, bytes);
  }
  int truncate(int file, size_t bytes) noexcept override {
    return errors.truncate != 0 ? failed(errors.truncate, -1) : Kernel::truncate(file, bytes);
  }
  int close(int file) noexcept override {
    --open_files;
    return Kernel::close(file);
  }

 private:
  template <class Answer>
  static Answer failed(int error, Answer answer) noexcept {
    errno = error;
    return answer;
  }
  int opened(int file) noexcept {
    open_files += file >= 0;
    return file;
  }
};

}  // namespace groundhog::test
