// The fragmentation load: 256 MB live, in eight phases of other sizes, and 80 % of each phase's
// blocks are freed; then everything is defragmented in steps. Prints resident over live bytes, GB
// moved a second, and the longest step in milliseconds. Steps are timed in the thread's own time:
// what other processes take is not theirs.

#include <ctime>
#include <vector>

#include "../alloc/movable.h"
#include "../port/backing.h"
#include "loads.h"

namespace {

using namespace groundhog;

constexpr size_t kBytes = size_t{2} << 30;
constexpr size_t kLiveBytes = size_t{256} << 20;
constexpr size_t kStepBytes = size_t{512} << 10;

double own_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace

int main() {
  Backing bytes;
  Backing ledger;
  if (Backing::open(real_kernel(), {}, kBytes, bytes) != Fault::none) return 1;
  if (Backing::open(real_kernel(), {}, Movable::ledger_bytes(kBytes), ledger) != Fault::none) {
    return 1;
  }
  Movable blocks(bytes.span().start, kBytes, ledger.span().start);
  bench::Random random(1);
  std::vector<Handle> live;
  for (uint32_t phase = 0; phase < 8; ++phase) {
    uint32_t most = 128u << phase;
    while (blocks.live_bytes() < kLiveBytes) {
      Result<Handle> made = blocks.allocate(most / 2 + random.below(most), phase);
      if (!made) return 1;
      std::span<std::byte> at = blocks.at(*made);
      std::memset(at.data(), 'a', at.size());
      live.push_back(*made);
    }
    size_t kept = 0;
    for (Handle handle : live) {
      if (random.below(10) < 8) {
        blocks.free(handle);
      } else {
        live[kept++] = handle;
      }
    }
    live.resize(kept);
  }
  double longest = 0;
  double moving = 0;
  size_t moved = 0;
  auto forget = [&](size_t from, size_t to) { bytes.forget(from, to); };
  for (Movable::Step step; !step.done;) {
    double start = own_seconds();
    step = blocks.step(kStepBytes, forget);
    double took = own_seconds() - start;
    if (step.moved_bytes > 0) moving += took;
    moved += step.moved_bytes;
    if (took > longest) longest = took;
  }
  // What is resident of the pool alone: the ledger belongs to the load, not to the blocks.
  std::vector<unsigned char> pages(kBytes / kPageBytes);
  if (mincore(bytes.span().start, kBytes, pages.data()) != 0) return 1;
  size_t resident = 0;
  for (unsigned char page : pages) resident += (page & 1) * kPageBytes;
  std::printf("%.6g %.6g %.6g\n", static_cast<double>(resident) / blocks.live_bytes(),
              static_cast<double>(moved) / moving / 1e9, longest * 1e3);
  return 0;
}
