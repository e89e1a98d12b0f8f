// Movable blocks on real threads, while the pool's own moves them.

#include "../pool/movable_pool.h"

#include <thread>

#include "check.h"

namespace groundhog::test {
namespace {

constexpr size_t kBytes = size_t{1} << 20;

Region region_of(size_t bytes) {
  Region region;
  Fault fault = Region::open(real_kernel(), {}, bytes, Movable::ledger_bytes(bytes), region);
  check(fault == Fault::none, "there is memory");
  return region;
}

struct Block {
  Handle handle;
  uint32_t bytes;
  uint8_t filled;
};

// A caller among several: what it has put into its blocks is what it finds there.
void use(MovablePool<RealSync>& pool, std::byte* start, uint64_t seed, uint32_t calls) {
  Random random(seed);
  std::vector<Block> live;
  auto bytes_of = [&](const Block& block) {
    Result<uint32_t> offset = pool.pin(block.handle);
    check(bool{offset}, "a live block is pinned");
    return std::span(start + *offset, block.bytes);
  };
  auto holds = [&](const Block& block) {
    std::span<std::byte> bytes = bytes_of(block);
    bool same = std::all_of(bytes.begin(), bytes.end(),
                            [&](std::byte byte) { return byte == std::byte{block.filled}; });
    check(pool.unpin(block.handle) == Fault::none, "and unpinned");
    return same;
  };
  for (uint32_t call = 0; call < calls; ++call) {
    if (live.empty() || random.below(2) == 0) {
      Block block = {0, 1 + random.below(2000), static_cast<uint8_t>(random.below(256))};
      Result<Handle> made = pool.allocate(block.bytes, 0);
      if (!made) continue;
      block.handle = *made;
      std::span<std::byte> bytes = bytes_of(block);
      std::memset(bytes.data(), block.filled, bytes.size());
      pool.unpin(block.handle);
      live.push_back(block);
    } else {
      std::swap(live[random.below(static_cast<uint32_t>(live.size()))], live.back());
      check(holds(live.back()), "its bytes came along");
      if (random.below(3) == 0) continue;
      check(pool.free(live.back().handle) == Fault::none, "it is freed");
      check(pool.free(live.back().handle) == Fault::double_free, "once");
      live.pop_back();
    }
  }
  for (const Block& block : live) {
    check(holds(block), "at the end, too");
    pool.free(block.handle);
  }
}

const bool threads = test("callers find what they wrote while another thread moves it", [] {
  Region region = region_of(kBytes);
  MovablePool<RealSync> pool(region, true);
  std::vector<std::thread> callers;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    callers.emplace_back([&, seed] { use(pool, region.bytes(), seed, 3000); });
  }
  for (std::thread& each : callers) each.join();
  check(pool.seen().live.empty(), "nothing is left");
  pool.end();
  check(std::all_of(region.bytes(), region.bytes() + kBytes,
                    [](std::byte byte) { return byte == std::byte{0}; }),
        "the region reads as zero");
});

const bool by_itself = test("holes are closed without a call", [] {
  Region region = region_of(kBytes);
  MovablePool<RealSync> pool(region, true);
  std::vector<Handle> handles;
  for (int at = 0; at < 1000; ++at) handles.push_back(*pool.allocate(640, 0));
  for (int at = 0; at < 900; ++at) pool.free(handles[at]);
  // A pass begins after one of the last frees at the latest, when an eighth was freed since.
  while (*pool.offset(handles.back()) > 200 * 640) std::this_thread::yield();
  pool.end();
});

}  // namespace
}  // namespace groundhog::test
