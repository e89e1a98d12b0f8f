// An atomic of 16 bytes. std::atomic of that size calls a library, which may take a lock; here it
// is one instruction on x86-64 and a pair of exclusive ones on AArch64. Every operation is a
// compare-and-swap, loads too, so the object must be writable; all of them are seq_cst.

#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace groundhog {

template <class T>
class WideAtomic {
  static_assert(sizeof(T) == 16 && std::is_trivially_copyable_v<T>);

 public:
  WideAtomic() noexcept : WideAtomic(T{}) {}
  explicit(false) WideAtomic(T value) noexcept { std::memcpy(words_, &value, 16); }
  WideAtomic(const WideAtomic&) = delete;
  WideAtomic& operator=(const WideAtomic&) = delete;

  T load(std::memory_order = std::memory_order_seq_cst) const noexcept {
    Words seen{};
    swap_if(seen, seen);  // writes what it finds
    return from(seen);
  }

  void store(T value, std::memory_order order = std::memory_order_seq_cst) noexcept {
    exchange(value, order);
  }

  T exchange(T value, std::memory_order = std::memory_order_seq_cst) noexcept {
    Words seen{};
    while (!swap_if(seen, words(value))) {
    }
    return from(seen);
  }

  bool compare_exchange_strong(T& expected, T desired, std::memory_order,
                               std::memory_order) noexcept {
    Words seen = words(expected);
    bool swapped = swap_if(seen, words(desired));
    if (!swapped) expected = from(seen);
    return swapped;
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                             std::memory_order failure) noexcept {
    return compare_exchange_strong(expected, desired, success, failure);
  }

 private:
  struct Words {
    uint64_t low, high;
  };

  static Words words(const T& value) noexcept {
    Words result;
    std::memcpy(&result, &value, 16);
    return result;
  }
  static T from(const Words& words) noexcept {
    T result;
    std::memcpy(static_cast<void*>(&result), &words, 16);
    return result;
  }

  // Stores `desired` when `seen` is there; `seen` becomes what was there.
  bool swap_if(Words& seen, Words desired) const noexcept {
#if defined(__x86_64__)
    bool swapped;
    asm volatile("lock cmpxchg16b %1"
                 : "=@ccz"(swapped), "+m"(words_), "+a"(seen.low), "+d"(seen.high)
                 : "b"(desired.low), "c"(desired.high)
                 : "memory");
    return swapped;
#elif defined(__aarch64__)
    Words found;
    uint32_t failed;
    do {
      asm volatile("ldaxp %0, %1, %2" : "=r"(found.low), "=r"(found.high) : "Q"(words_) : "memory");
      bool equal = found.low == seen.low && found.high == seen.high;
      Words put = equal ? desired : found;
      asm volatile("stlxp %w0, %2, %3, %1"
                   : "=&r"(failed), "=Q"(words_)
                   : "r"(put.low), "r"(put.high)
                   : "memory");
    } while (failed != 0);
    bool swapped = found.low == seen.low && found.high == seen.high;
    seen = found;
    return swapped;
#else
#error "no 16-byte compare-and-swap is known for this machine"
#endif
  }

  alignas(16) mutable uint64_t words_[2];
};

}  // namespace groundhog
