// The last operations of a pool, for a report after its process has died. Any thread adds to it,
// and a signal's handler reads it: every word is an atomic one, and an operation that was being
// written then may be told half.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "../core/fault.h"

namespace groundhog {

struct Operation {
  enum class Kind : uint32_t { none, allocate, free };

  Kind kind = Kind::none;
  Fault fault = Fault::none;
  uint32_t offset = 0;
  uint32_t bytes = 0;  // of an allocation
  uint32_t tag = 0;
};

class Recorder {
 public:
  static constexpr uint32_t kOperations = 32;

  void add(const Operation& operation) noexcept {
    Entry& entry = entries_[count_.fetch_add(1, std::memory_order_relaxed) % kOperations];
    entry.kind.store(operation.kind, std::memory_order_relaxed);
    entry.fault.store(operation.fault, std::memory_order_relaxed);
    entry.offset.store(operation.offset, std::memory_order_relaxed);
    entry.bytes.store(operation.bytes, std::memory_order_relaxed);
    entry.tag.store(operation.tag, std::memory_order_relaxed);
  }

  // The latest is 0. Kind `none` where there is none.
  Operation back(uint32_t which) const noexcept {
    uint64_t count = count_.load(std::memory_order_relaxed);
    if (which >= kOperations || which >= count) return {};
    const Entry& entry = entries_[(count - 1 - which) % kOperations];
    return {entry.kind.load(std::memory_order_relaxed), entry.fault.load(std::memory_order_relaxed),
            entry.offset.load(std::memory_order_relaxed),
            entry.bytes.load(std::memory_order_relaxed), entry.tag.load(std::memory_order_relaxed)};
  }

 private:
  struct Entry {
    std::atomic<Operation::Kind> kind{Operation::Kind::none};
    std::atomic<Fault> fault{Fault::none};
    std::atomic<uint32_t> offset{0};
    std::atomic<uint32_t> bytes{0};
    std::atomic<uint32_t> tag{0};
  };

  std::atomic<uint64_t> count_{0};
  std::array<Entry, kOperations> entries_;
};

}  // namespace groundhog
