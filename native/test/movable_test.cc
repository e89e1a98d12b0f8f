#include "../alloc/movable.h"

#include <map>

#include "check.h"

namespace groundhog::test {
namespace {

struct Ground {
  explicit Ground(size_t byte_count)
      : bytes(byte_count),
        ledger(Movable::ledger_bytes(byte_count)),
        blocks(bytes.data(), byte_count, ledger.data()) {}

  // Steps until nothing is left to do.
  void defragment(size_t bytes_max) {
    auto forget = [&](size_t from, size_t to) {
      check(from >= blocks.top_bytes(), "nothing live is given back");
      std::fill(bytes.begin() + from, bytes.begin() + std::min(to, bytes.size()), std::byte{0});
    };
    for (Movable::Step step; !step.done;) {
      step = blocks.step(bytes_max, forget);
      check(step.moved_bytes <= bytes_max + 4096, "no more than one block beyond the limit");
    }
  }

  std::vector<std::byte> bytes;
  std::vector<std::byte> ledger;
  Movable blocks;
};

bool holds_pattern(std::span<std::byte> bytes, uint32_t value) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [&](std::byte byte) { return byte == static_cast<std::byte>(value); });
}

// Each of 20 seeds moves some 10,000 blocks, with frees and allocations between the steps.
const bool contents = test("moved blocks keep handle, bytes and order; pinned ones stay", [] {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    Ground ground(size_t{1} << 20);
    std::map<Handle, uint32_t> live;
    std::map<Handle, std::byte*> pinned;
    auto free_one = [&] {
      auto victim = live.begin();
      std::advance(victim, random.below(static_cast<uint32_t>(live.size())));
      check(ground.blocks.free(victim->first) == Fault::none, "a live handle is freed");
      check(ground.blocks.free(victim->first) == Fault::double_free, "and not twice");
      check(ground.blocks.at(victim->first).empty(), "nor is it found any more");
      pinned.erase(victim->first);
      live.erase(victim);
    };
    for (int round = 0; round < 30; ++round) {
      for (int step = 0; step < 200; ++step) {
        uint32_t bytes = 1 + random.below(4096);
        Result<Handle> made = ground.blocks.allocate(bytes, 1);
        if (made) {
          check(live.count(*made) == 0, "a handle of its own");
          std::span<std::byte> at = ground.blocks.at(*made);
          check(at.size() == bytes, "as many bytes as were asked for");
          std::fill(at.begin(), at.end(), static_cast<std::byte>(*made * 7));
          live[*made] = bytes;
          if (random.below(40) == 0) {
            ground.blocks.pin(*made);
            pinned[*made] = at.data();
          }
        }
        if (!made || random.below(10) < 4) free_one();
      }
      if (round % 3 == 0) {
        for (int step = 0; step < 20; ++step) {
          ground.blocks.step(1000 * (1 + random.below(20)), [](size_t, size_t) {});
          if (live.size() > 1) free_one();
        }
      } else {
        ground.defragment(20'000);
      }
      check(ground.blocks.holds(), "the invariants hold");
      for (auto [handle, bytes] : live) {
        std::span<std::byte> at = ground.blocks.at(handle);
        check(at.size() == bytes && holds_pattern(at, handle * 7), "the bytes moved along");
      }
      for (auto [handle, place] : pinned) {
        check(ground.blocks.at(handle).data() == place, "pinned ones are where they were");
      }
    }
  }
});

const bool compact = test("after defragmentation the live blocks stand side by side", [] {
  Ground ground(size_t{1} << 20);
  std::vector<Handle> handles;
  for (int at = 0; at < 1000; ++at) handles.push_back(*ground.blocks.allocate(640, 1));
  for (int at = 0; at < 1000; ++at) {
    if (at % 4 != 0) ground.blocks.free(handles[at]);
  }
  ground.defragment(10'000);
  check(ground.blocks.top_bytes() == 250 * 640, "no hole is left");
  check(ground.blocks.moves() > 10, "in many steps");
});

const bool refused = test("handles that never were, and sizes that cannot be, are refused", [] {
  Ground ground(size_t{1} << 16);
  check(ground.blocks.free(0) == Fault::invalid_offset, "no handle is 0");
  check(ground.blocks.pin(77) == Fault::invalid_offset, "one that was never given");
  check(ground.blocks.allocate(0, 0).fault() == Fault::invalid_size, "no bytes");
  check(ground.blocks.allocate(size_t{1} << 40, 0).fault() == Fault::invalid_size, "too many");
  Handle only = *ground.blocks.allocate(65'536, 0);
  check(ground.blocks.allocate(1, 0).fault() == Fault::out_of_memory, "it is full");
  check(ground.blocks.unpin(only) == Fault::invalid_offset, "no pin to take back");
});

}  // namespace
}  // namespace groundhog::test
