// Hardware transactions of the CPU: Intel's RTM, where a processor has it and has not been told to
// abort them all (Intel SDM volume 1, chapter 16; a microcode update of 2021 does that on many).

#pragma once

#include <atomic>
#include <cstdint>

#include "sync.h"
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace groundhog {

enum class Offer : uint8_t {
  none,      // the CPU has no transactions
  disabled,  // it has them, and none succeeds
  usable,
};

class Rtm {
 public:
  static Offer offer() noexcept {
    static const Offer found = find();
    return found;
  }
  static bool usable() noexcept { return offer() == Offer::usable; }

  // Starts one, unless `held` is set. From then on, who sets it aborts the transaction.
  static Try begin(const std::atomic<uint32_t>& held) noexcept {
    uint32_t status = start();
    if (status == kStarted) {
      if (held.load(std::memory_order_relaxed) == 0) return Try::started;
      abort();
    }
    return (status & (kMayRetry | kByUs)) != 0 ? Try::again : Try::in_vain;
  }
  static void commit(const std::atomic<uint32_t>&) noexcept { end(); }

 private:
  static constexpr uint32_t kStarted = UINT32_MAX;
  static constexpr uint32_t kByUs = 1;
  static constexpr uint32_t kMayRetry = 2;
  static constexpr int kTrials = 100;

#if defined(__x86_64__)
  static Offer find() noexcept {
    uint32_t a, b, c, d;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (b & bit_RTM) == 0) return Offer::none;
    for (int trial = 0; trial < kTrials; ++trial) {
      if (start() != kStarted) continue;
      end();
      return Offer::usable;
    }
    return Offer::disabled;
  }
  [[gnu::always_inline]] static uint32_t start() noexcept {
    uint32_t status = kStarted;
    asm volatile("xbegin 1f\n1:" : "+a"(status) : : "memory");
    return status;
  }
  [[gnu::always_inline]] static void end() noexcept { asm volatile("xend" : : : "memory"); }
  [[gnu::always_inline]] static void abort() noexcept { asm volatile("xabort $1" : : : "memory"); }
#else
  static Offer find() noexcept { return Offer::none; }
  static uint32_t start() noexcept { return 0; }
  static void end() noexcept {}
  static void abort() noexcept {}
#endif
};

}  // namespace groundhog
