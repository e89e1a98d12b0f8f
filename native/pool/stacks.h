// Where the live blocks of a pool were allocated: each distinct stack once, and a number for each
// block. Taking a stack costs microseconds, so it is for those who look for a leak.

#pragma once

#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "pool.h"

namespace groundhog {

// Live blocks of one tag that come from one place.
struct Leak {
  uint32_t tag;
  uint64_t blocks;
  uint64_t bytes;
  std::vector<void*> stack;  // return addresses, the innermost first; none where it is not known
};

class AllocationStacks {
 public:
  static constexpr int kFramesMax = 32;

  // The stack is told from `caller` on, a return address in it: what lies above is ours.
  void allocated(Offset offset, void* caller) {
    void* frames[kFramesMax];
    void** end = frames + backtrace(frames, kFramesMax);
    void** first = std::find(frames, end, caller);
    std::lock_guard held(mutex_);
    auto [at, added] = numbers_.try_emplace(std::vector<void*>(first == end ? frames : first, end),
                                            static_cast<uint32_t>(stacks_.size()));
    if (added) stacks_.push_back(&at->first);
    of_block_[offset] = at->second;
  }
  void freed(Offset offset) {
    std::lock_guard held(mutex_);
    of_block_.erase(offset);
  }

  // Of all blocks that are live, the largest sums first. While nothing moves.
  std::vector<Leak> leaks(Pool& pool) {
    std::lock_guard held(mutex_);
    std::map<std::pair<uint32_t, uint32_t>, Leak> sums;
    for (const LiveBlock& block : pool.live_blocks()) {
      auto found = of_block_.find(block.offset);
      uint32_t number = found == of_block_.end() ? kUnknown : found->second;
      Leak& sum = sums.try_emplace({block.tag, number}, Leak{block.tag, 0, 0, {}}).first->second;
      sum.blocks += 1;
      sum.bytes += block.bytes;
      if (sum.stack.empty() && number != kUnknown) sum.stack = *stacks_[number];
    }
    std::vector<Leak> result;
    for (auto& [place, sum] : sums) result.push_back(std::move(sum));
    std::stable_sort(result.begin(), result.end(),
                     [](const Leak& a, const Leak& b) { return a.bytes > b.bytes; });
    return result;
  }

  // A line for a frame: the function, or the file and the place in it, which addr2line takes.
  static std::string text_of(void* frame) {
    Dl_info info;
    if (dladdr(frame, &info) == 0) return "?";
    char text[512];
    if (info.dli_sname != nullptr) {
      auto from = static_cast<char*>(frame) - static_cast<char*>(info.dli_saddr);
      std::snprintf(text, sizeof(text), "%s+0x%tx", info.dli_sname, from);
    } else {
      auto from = static_cast<char*>(frame) - static_cast<char*>(info.dli_fbase);
      std::snprintf(text, sizeof(text), "%s+0x%tx", info.dli_fname, from);
    }
    return text;
  }

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX;

  std::mutex mutex_;
  std::map<std::vector<void*>, uint32_t> numbers_;
  std::vector<const std::vector<void*>*> stacks_;  // by number
  std::map<Offset, uint32_t> of_block_;
};

}  // namespace groundhog
