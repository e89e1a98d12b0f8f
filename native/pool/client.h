// A pool for C++ callers of a process who share it: each allocates on its account, under the
// account's number as the tag, so that whoever frees a block gives it back to the right one.
//
//   Clients clients(*pool, {.stacks = true});
//   uint32_t cache = clients.add({.quota_bytes = 1 << 20});
//   Result<Offset> block = clients.allocate(*way, 100, cache);  // or `over_quota`, `over_rate`

#pragma once

#include <time.h>

#include <deque>
#include <optional>

#include "account.h"
#include "stacks.h"

namespace groundhog {

class Clients {
 public:
  struct Options {
    bool stacks = false;  // keeps where each block was allocated
    uint64_t (*now_ns)() = monotonic_ns;
  };

  Clients(Pool& pool, const Options& options) : pool_(pool), now_ns_(options.now_ns) {
    if (options.stacks) stacks_.emplace();
  }

  // The number of a new account. Before the threads that use it start.
  uint32_t add(const Limits& limits) {
    accounts_.emplace_back(limits);
    return static_cast<uint32_t>(accounts_.size() - 1);
  }

  [[gnu::noinline]] Result<Offset> allocate(Way& way, size_t bytes, uint32_t account) {
    if (account >= accounts_.size()) return Fault::forbidden;
    Fault fault = accounts_[account].draw(bytes, now_ns_());
    if (fault != Fault::none) return fault;
    Result<Offset> offset = pool_.allocate(way, bytes, account);
    if (!offset) accounts_[account].give_back(bytes);
    if (offset && stacks_) stacks_->allocated(*offset, __builtin_return_address(0));
    return offset;
  }

  // Whoever allocated it.
  Fault free(Way& way, uint64_t offset) {
    Result<uint32_t> bytes = pool_.block_bytes(offset);
    if (!bytes) return bytes.fault();
    Result<uint32_t> account = pool_.block_tag(offset);
    // Before the block can be somebody else's.
    if (stacks_) stacks_->freed(static_cast<Offset>(offset));
    Fault fault = pool_.free(way, offset);
    if (fault == Fault::none && account && *account < accounts_.size()) {
      accounts_[*account].give_back(*bytes);
    }
    return fault;
  }

  uint64_t used_bytes(uint32_t account) const noexcept { return accounts_[account].used_bytes(); }
  // By account, and by place if stacks are kept.
  std::vector<Leak> leaks() { return (stacks_ ? *stacks_ : nowhere_).leaks(pool_); }

  static uint64_t monotonic_ns() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
  }

 private:
  Pool& pool_;
  uint64_t (*now_ns_)();
  std::deque<Account> accounts_;
  std::optional<AllocationStacks> stacks_;
  AllocationStacks nowhere_;
};

}  // namespace groundhog
