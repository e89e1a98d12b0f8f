// Where a region's bytes come from. What is asked for beyond plain memory is granted or not, and
// the region says which, with the error of the call that refused: a machine without huge pages, a
// limit on pinned memory, a node that does not exist. Only a file that was asked for must be there.

#pragma once

#include <algorithm>
#include <utility>

#include "../core/fault.h"
#include "../core/units.h"
#include "kernel.h"

namespace groundhog {

struct BackingOptions {
  enum class Kind : uint8_t { anonymous, memory_file, file };

  Kind kind = Kind::anonymous;
  const char* path = "";  // of a file
  bool huge_pages = false;
  bool transparent_huge_pages = false;  // where those are not asked for, or refused
  bool pinned = false;
  bool populated = false;  // all of it is there at once, and no page is waited for later
  bool bound = false;      // to `node`
  uint32_t node = 0;

  friend bool operator==(const BackingOptions&, const BackingOptions&) = default;
};

// What became of something that was asked for.
struct Grant {
  enum class Is : uint8_t { not_asked, granted, refused };

  Is is = Is::not_asked;
  int error = 0;  // errno of the refusal

  static Grant of(int answer) noexcept {
    return answer == 0 ? Grant{Is::granted, 0} : Grant{Is::refused, errno};
  }
};

// What a write does that goes through a window.
enum class OnWrite : uint8_t {
  copies,  // the page, which is the writer's own from then on, and shows no more what others write
  faults,
};

// A second mapping of a backing's bytes, through which they can be seen and not changed. It outlives
// the first.
class Window {
 public:
  Window() = default;
  Window(Window&& from) noexcept : kernel_(from.kernel_), span_(std::exchange(from.span_, {})) {}
  Window& operator=(Window&& from) noexcept {
    std::swap(kernel_, from.kernel_);
    std::swap(span_, from.span_);
    return *this;
  }
  ~Window() {
    if (span_.start != nullptr) kernel_->unmap(span_);
  }

  static Fault open(Kernel& kernel, int file, size_t bytes, OnWrite on_write,
                    Window& made) noexcept {
    if (file < 0) return Fault::no_file;
    int flags = on_write == OnWrite::copies ? MAP_PRIVATE : MAP_SHARED;
    void* start = kernel.map(bytes, flags, file);
    if (start == MAP_FAILED) return Fault::out_of_memory;
    Window window;
    window.kernel_ = &kernel;
    window.span_ = {static_cast<std::byte*>(start), bytes};
    if (on_write == OnWrite::faults && kernel.protect(window.span_, PROT_READ) != 0) {
      return Fault::out_of_memory;
    }
    made = std::move(window);
    return Fault::none;
  }

  Span span() const noexcept { return span_; }

 private:
  Kernel* kernel_ = nullptr;
  Span span_;
};

class Backing {
 public:
  struct Grants {
    Grant memory_file;
    Grant huge_pages;
    Grant transparent_huge_pages;  // asked for when `huge_pages` is refused
    Grant pinned;
    Grant populated;
    Grant bound;
  };

  Backing() = default;
  Backing(Backing&& from) noexcept { swap(from); }
  Backing& operator=(Backing&& from) noexcept {
    swap(from);
    return *this;
  }
  ~Backing() {
    if (span_.start != nullptr) kernel_->unmap(span_);
    if (file_ >= 0) kernel_->close(file_);
  }

  // Zeroed memory of `bytes`, a multiple of the page size; of a file, what it holds.
  static Fault open(Kernel& kernel, const BackingOptions& options, size_t bytes,
                    Backing& made) noexcept {
    Backing backing;
    backing.kernel_ = &kernel;
    Fault fault = options.kind == BackingOptions::Kind::file
                      ? backing.open_file(options.path, bytes)
                      : backing.open_memory(options, bytes);
    if (fault != Fault::none) return fault;
    if (options.bound) backing.grants_.bound = Grant::of(kernel.bind(backing.span_, options.node));
    if (options.pinned) backing.grants_.pinned = Grant::of(kernel.pin(backing.span_));
    if (options.populated) {
      backing.grants_.populated = Grant::of(kernel.advise(backing.span_, kPopulateWrite));
    }
    made = std::move(backing);
    return Fault::none;
  }

  Span span() const noexcept { return span_; }
  const Grants& grants() const noexcept { return grants_; }
  Kernel& kernel() const noexcept { return *kernel_; }
  bool is_plain() const noexcept { return plain_; }
  // Whether the file was empty, and is zeroed memory now.
  bool is_new() const noexcept { return new_; }

  // Only of files, with a name or without.
  Fault open_window(OnWrite on_write, Window& made) const noexcept {
    return Window::open(*kernel_, file_, span_.bytes, on_write, made);
  }

  // Gives whole pages back to the system: they read as zero afterwards.
  void forget(size_t from, size_t to) noexcept {
    from = round_up(from, kPageBytes);
    to = to / kPageBytes * kPageBytes;
    if (from >= to || span_.start == nullptr) return;
    Span pages{span_.start + from, to - from};
    if (file_ < 0) {
      kernel_->advise(pages, MADV_DONTNEED);
    } else {
      kernel_->advise(pages, MADV_REMOVE);
    }
  }

 private:
  Fault open_memory(const BackingOptions& options, size_t bytes) noexcept {
    plain_ = options.kind == BackingOptions::Kind::anonymous && !options.huge_pages &&
             !options.transparent_huge_pages && !options.pinned && !options.populated &&
             !options.bound;
    new_ = true;
    if (options.kind == BackingOptions::Kind::memory_file) {
      file_ = kernel_->memory_file();
      if (file_ >= 0 && kernel_->truncate(file_, bytes) != 0) {
        kernel_->close(std::exchange(file_, -1));
      }
      grants_.memory_file = Grant::of(file_ >= 0 ? 0 : -1);
    }
    if (options.huge_pages && file_ < 0) {
      map(round_up(bytes, kHugePageBytes), MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB);
      grants_.huge_pages = Grant::of(span_.start != nullptr ? 0 : -1);
    }
    if (span_.start == nullptr) {
      map(bytes, file_ >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
    }
    if (span_.start == nullptr) return Fault::out_of_memory;
    if (grants_.huge_pages.is != Grant::Is::granted &&
        (options.huge_pages || (options.transparent_huge_pages && file_ < 0))) {
      grants_.transparent_huge_pages = Grant::of(kernel_->advise(span_, MADV_HUGEPAGE));
    }
    return Fault::none;
  }

  Fault open_file(const char* path, size_t bytes) noexcept {
    file_ = kernel_->open(path);
    if (file_ < 0) return Fault::no_file;
    if (kernel_->lock(file_) != 0) return Fault::file_in_use;
    int64_t size = kernel_->size(file_);
    if (size < 0) return Fault::no_file;
    new_ = size == 0;
    bool grows = static_cast<size_t>(size) < bytes;
    if (grows && !new_ && !starts_empty()) return Fault::corrupt;  // somebody else's
    if (grows && kernel_->extend(file_, bytes) != 0) {
      if (new_) kernel_->truncate(file_, 0);
      return Fault::no_file;
    }
    map(bytes, MAP_SHARED);
    return span_.start == nullptr ? Fault::out_of_memory : Fault::none;
  }

  // As the file of a maker that was killed before it wrote anything.
  bool starts_empty() noexcept {
    std::byte start[64] = {};
    if (kernel_->read(file_, start, sizeof(start), 0) < 0) return false;
    return std::all_of(start, start + sizeof(start), [](std::byte b) { return b == std::byte{0}; });
  }

  void map(size_t bytes, int flags) noexcept {
    void* start = kernel_->map(bytes, flags, file_);
    if (start != MAP_FAILED) span_ = {static_cast<std::byte*>(start), bytes};
  }

  void swap(Backing& other) noexcept {
    std::swap(kernel_, other.kernel_);
    std::swap(span_, other.span_);
    std::swap(file_, other.file_);
    std::swap(plain_, other.plain_);
    std::swap(new_, other.new_);
    std::swap(grants_, other.grants_);
  }

  // MADV_POPULATE_WRITE, of Linux 5.14: headers may be older than the kernel.
  static constexpr int kPopulateWrite = 23;
  static constexpr size_t kHugePageBytes = size_t{2} << 20;

  Kernel* kernel_ = nullptr;
  Span span_;
  int file_ = -1;
  bool plain_ = false;
  bool new_ = false;
  Grants grants_;
};

}  // namespace groundhog
