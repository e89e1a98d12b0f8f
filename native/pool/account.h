// What one caller may have of a pool: so many bytes at once, and so many a second in the long run.
// Any thread of the caller's draws on it, without a lock.
//
// - `used` never goes above the quota, not for a moment: what does not fit is not added first.
// - The rate is kept as one moment, the end of what was drawn if it were all drawn at the rate (the
//   generic cell rate algorithm of ITU-T I.371): it may lie ahead of now by the burst's time at
//   most. The division is done once, so that equal sizes cost equal times.

#pragma once

#include <algorithm>
#include <cstdint>

#include "../core/fault.h"
#include "../port/real_sync.h"

namespace groundhog {

struct Limits {
  uint64_t quota_bytes = UINT64_MAX;
  uint64_t bytes_per_second = 0;  // 0: as fast as it likes
  uint64_t burst_bytes = 0;       // at once, of a rate
};

template <Sync S>
class AccountOf {
 public:
  explicit AccountOf(const Limits& limits) noexcept
      : limits_(limits), burst_ns_(time_of(limits.burst_bytes)) {}

  // `none`, and then the bytes count as used until they are given back; `over_quota`; `over_rate`.
  // `now_ns` is monotonic.
  Fault draw(uint64_t bytes, uint64_t now_ns) noexcept {
    if (!reserve(bytes)) return Fault::over_quota;
    if (keeps_rate(bytes, now_ns)) return Fault::none;
    give_back(bytes);
    return Fault::over_rate;
  }
  void give_back(uint64_t bytes) noexcept { used_.fetch_sub(bytes, kRelaxed); }

  uint64_t used_bytes() const noexcept { return used_.load(kRelaxed); }
  const Limits& limits() const noexcept { return limits_; }

 private:
  bool reserve(uint64_t bytes) noexcept {
    uint64_t used = used_.load(kRelaxed);
    do {
      if (bytes > limits_.quota_bytes - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, kRelaxed, kRelaxed));
    return true;
  }

  bool keeps_rate(uint64_t bytes, uint64_t now_ns) noexcept {
    if (limits_.bytes_per_second == 0) return true;
    if (bytes > limits_.burst_bytes) return false;
    uint64_t cost_ns = time_of(bytes);
    uint64_t end_ns = end_ns_.load(kRelaxed);
    uint64_t drawn_ns;
    do {
      drawn_ns = std::max(end_ns, now_ns) + cost_ns;
      if (drawn_ns - now_ns > burst_ns_) return false;
    } while (!end_ns_.compare_exchange_weak(end_ns, drawn_ns, kRelaxed, kRelaxed));
    return true;
  }

  uint64_t time_of(uint64_t bytes) const noexcept {
    if (limits_.bytes_per_second == 0) return 0;
    unsigned __int128 whole = static_cast<unsigned __int128>(bytes) * 1'000'000'000;
    return static_cast<uint64_t>(whole / limits_.bytes_per_second);
  }

  Limits limits_;
  uint64_t burst_ns_;
  typename S::template Atomic<uint64_t> used_{0};
  typename S::template Atomic<uint64_t> end_ns_{0};
};

using Account = AccountOf<RealSync>;

}  // namespace groundhog
