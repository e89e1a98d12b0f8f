#include "../pool/open_pool.h"

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../pool/memory_resource.h"
#include "check.h"

namespace groundhog::test {
namespace {

constexpr size_t kCapacity = 64 * 1024;
constexpr size_t kLargeCapacity = 16 << 20;

Shelf shelf;

// A pool with one way in.
struct Opened {
  explicit Opened(PoolOptions options) {
    check(open_pool(shelf, options, pool) == Fault::none, "the pool opens");
    way = pool->attach();
  }
  explicit Opened(size_t capacity_bytes) : Opened(PoolOptions{.capacity_bytes = capacity_bytes}) {}
  ~Opened() {
    pool->detach(way);
    close_pool(shelf, *pool);
  }

  Offset allocate(size_t bytes, uint32_t tag = 3) {
    Result<Offset> got = pool->allocate(*way, bytes, tag);
    check(static_cast<bool>(got), "the pool has room");
    return *got;
  }
  Fault free(uint64_t offset) { return pool->free(*way, offset); }
  std::byte* at(Offset offset) { return pool->bytes() + offset; }

  std::unique_ptr<Pool> pool;
  Way* way;
};

bool all_zero(const std::byte* from, size_t bytes) {
  return std::all_of(from, from + bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

const bool deferred = test("a large block is wiped later, before its memory is used again", [] {
  auto is_wiped = [](Opened& opened, Offset block, size_t bytes) {
    const std::byte* from = opened.at(block);
    return std::all_of(from, from + bytes, [](std::byte byte) { return byte == std::byte{0xdd}; });
  };
  constexpr size_t kLarge = 200'000;
  Opened opened({.capacity_bytes = 1 << 20, .zeroed = false, .wiped = true, .wiped_later = true});
  Offset blocks[4];
  for (Offset& block : blocks) {
    block = opened.allocate(kLarge);
    std::memset(opened.at(block), 0x11, kLarge);
  }
  Offset small = opened.allocate(1000);
  std::memset(opened.at(small), 0x11, 1000);
  check(opened.free(small) == Fault::none && is_wiped(opened, small, 1000), "a small one at once");
  for (Offset block : blocks) check(opened.free(block) == Fault::none, "it can be freed");
  check(opened.free(blocks[0]) == Fault::double_free, "once");
  check(opened.pool->live_blocks().empty(), "and is not live");
  check(!is_wiped(opened, blocks[0], kLarge), "it is not wiped yet");
  size_t done = opened.pool->wipe(*opened.way, 1);
  check(done >= kLarge && done < 2 * kLarge, "a step does one block");
  check(is_wiped(opened, blocks[0], kLarge), "the oldest");
  check(!is_wiped(opened, blocks[1], kLarge), "and no other");
  // The rest is wiped when its memory is wanted.
  Offset all = opened.allocate(3 * kLarge);
  const std::byte* from = opened.at(all);
  check(std::none_of(from, from + 3 * kLarge, [](std::byte b) { return b == std::byte{0x11}; }),
        "nothing of the old content is there");
  opened.free(all);
  check(opened.pool->wipe(*opened.way, SIZE_MAX) > 0, "what is left");
  check(opened.pool->wipe(*opened.way, SIZE_MAX) == 0, "until nothing is");
});

const bool beyond = test("a byte written beyond either end is found at the free", [] {
  for (size_t capacity : {kCapacity, kLargeCapacity}) {
    for (size_t bytes : {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 100, 5000, 50'000}) {
      Opened opened({.capacity_bytes = capacity, .secret = 42});
      Offset block = opened.allocate(bytes);
      for (int flipped : {-16, -12, -8, -1, 0, 1, 2, 3}) {
        std::byte& outside = *opened.at(flipped < 0 ? block + flipped : block + bytes + flipped);
        outside ^= std::byte{0x40};
        check(opened.free(block) == Fault::corrupt, "one flipped bit next to the block");
        check(opened.pool->live_blocks().size() == 1, "it stays live");
        check(!opened.pool->live_blocks()[0].intact, "and is listed as broken");
        outside ^= std::byte{0x40};
      }
      check(opened.free(block) == Fault::none, "repaired, it can be freed");
    }
  }
});

const bool zeroed = test("a block is zeroed, whatever lay there before", [] {
  for (size_t capacity : {kCapacity, kLargeCapacity}) {
    Opened opened(capacity);
    Random random(9);
    std::vector<std::pair<Offset, size_t>> live;
    for (int step = 0; step < 5000; ++step) {
      size_t bytes = 1 + random.below(random.below(50) == 0 ? 20'000 : 300);
      Result<Offset> got = opened.pool->allocate(*opened.way, bytes, 0);
      if (got) {
        check(all_zero(opened.at(*got), bytes), "every byte is zero");
        std::memset(opened.at(*got), 0xff, bytes);
        live.push_back({*got, bytes});
      }
      if (!got || random.below(2) == 0) {
        uint32_t at = random.below(static_cast<uint32_t>(live.size()));
        check(opened.free(live[at].first) == Fault::none, "and its guards are intact");
        live[at] = live.back();
        live.pop_back();
      }
    }
  }
});

const bool reused = test("a region from the shelf is like a fresh one", [] {
  for (size_t capacity : {kCapacity, kLargeCapacity}) {
    uint64_t first_hash = 0;
    for (int life = 0; life < 3; ++life) {
      Opened opened(capacity);
      Random random(4);
      for (int step = 0; step < 200; ++step) {
        size_t bytes = 1 + random.below(static_cast<uint32_t>(capacity / 400));
        Result<Offset> got = opened.pool->allocate(*opened.way, bytes, 0);
        if (!got) break;
        check(all_zero(opened.at(*got), bytes), "it reads as zero");
        for (size_t byte = 0; byte < bytes; ++byte) {
          *opened.at(static_cast<Offset>(*got + byte)) = std::byte(random.next());
        }
        if (random.below(2) == 0) check(opened.free(*got) == Fault::none, "free");
      }
      uint64_t hash = opened.pool->content_hash();
      check(life == 0 || hash == first_hash, "the same calls give the same contents");
      first_hash = hash;
    }
  }
});

const bool hash_sees = test("the hash sees one changed bit, one moved block and one other tag", [] {
  auto hash = [](size_t gap, uint32_t tag, int change) {
    Opened opened(kCapacity);
    Offset gone = gap > 0 ? opened.allocate(gap) : 0;
    Offset block = opened.allocate(100, tag);
    if (gone != 0) opened.free(gone);
    *opened.at(block + 50) ^= std::byte(change);
    return opened.pool->content_hash();
  };
  uint64_t plain = hash(0, 1, 0);
  check(plain == hash(0, 1, 0), "the same state hashes the same");
  check(plain != hash(0, 1, 4), "one bit");
  check(plain != hash(100, 1, 0), "another place");
  check(plain != hash(0, 2, 0), "another tag");
});

const bool bad_sizes = test("sizes that cannot be are refused by name", [] {
  Opened opened(kCapacity);
  auto fault = [&](size_t bytes) { return opened.pool->allocate(*opened.way, bytes, 0).fault(); };
  check(fault(0) == Fault::invalid_size, "none");
  check(fault(kCapacity + 1) == Fault::invalid_size, "more than the capacity");
  check(fault(SIZE_MAX) == Fault::invalid_size, "the largest number");
  check(fault(kCapacity) == Fault::out_of_memory, "no room for the guards");
  opened.allocate(kCapacity - 20);
});

const bool bad_places = test("no offset at all does more than a fault", [] {
  for (size_t capacity : {kCapacity, kLargeCapacity}) {
    Opened opened(capacity);
    Random random(3);
    std::vector<Offset> live;
    for (int n = 0; n < 50; ++n) live.push_back(opened.allocate(1 + random.below(1500)));
    for (int n = 0; n < 25; ++n) {
      check(opened.free(live.back()) == Fault::none, "free");
      live.pop_back();
    }
    // Garbage over all that is not a live block's own, fronts and rears too.
    for (size_t at = 0; at < kCapacity; at += 4) {
      uint32_t word = static_cast<uint32_t>(random.next());
      std::memcpy(opened.pool->bytes() + at, &word, 4);
    }
    for (uint64_t offset = 0; offset < kCapacity; ++offset) {
      Fault fault = opened.free(offset);
      bool known = std::find(live.begin(), live.end(), offset) != live.end();
      check(known ? fault == Fault::corrupt : fault == Fault::invalid_offset, "the right fault");
    }
    check(opened.free(capacity) == Fault::invalid_offset, "the end");
    check(opened.free(UINT64_MAX) == Fault::invalid_offset, "the largest number");
    check(opened.pool->live_blocks().size() == live.size(), "all are still there");
  }
});

const bool told_apart = test("a second free is told from a wrong offset", [] {
  for (size_t capacity : {kCapacity, kLargeCapacity}) {
    for (size_t bytes : {10, 500, 20'000}) {
      Opened opened(capacity);
      Offset block = opened.allocate(bytes);
      check(opened.free(block) == Fault::none, "the first free");
      check(opened.free(block) == Fault::double_free, "the second");
      check(opened.pool->block_bytes(block).fault() == Fault::double_free, "and a use");
      check(opened.free(block + 16) == Fault::invalid_offset, "where none ever was");
    }
  }
});

const bool full =
    test("a pool that is full has no room left over, and is whole again when freed", [] {
      for (size_t capacity : {kCapacity, kLargeCapacity}) {
        Opened opened(capacity);
        for (int round = 0; round < 3; ++round) {
          std::vector<Offset> blocks;
          size_t total = 0;
          for (size_t bytes : {4000, 700, 100, 20}) {
            while (Result<Offset> got = opened.pool->allocate(*opened.way, bytes, 0)) {
              blocks.push_back(*got);
              total += bytes;
            }
          }
          check(total > capacity * 8 / 10, "most of the capacity can be used");
          for (Offset block : blocks) check(opened.free(block) == Fault::none, "free");
          Result<Offset> all = opened.pool->allocate(*opened.way, capacity - 20, 0);
          check(static_cast<bool>(all), "then one block can have it all");
          check(opened.free(*all) == Fault::none, "free");
        }
      }
    });

const bool late_write =
    test("a write after the free is seen when the block leaves the quarantine", [] {
      Opened opened({.capacity_bytes = kCapacity, .quarantine = 4});
      Offset first = opened.allocate(100, 8);
      opened.free(first);
      check(opened.free(first) == Fault::double_free, "it is freed");
      *opened.at(first + 99) = std::byte{1};
      check(opened.allocate(100) != first, "its memory is not used again yet");
      for (int n = 0; n < 4; ++n) opened.free(opened.allocate(50));
      std::vector<LateWrite> seen = opened.pool->take_late_writes();
      check(seen.size() == 1 && seen[0].offset == first && seen[0].tag == 8,
            "the write is reported");
      check(opened.pool->take_late_writes().empty(), "once");
    });

const bool quarantine_yields = test("a full pool takes blocks out of the quarantine", [] {
  Opened opened({.capacity_bytes = kCapacity, .quarantine = 1000});
  for (int n = 0; n < 50; ++n) opened.free(opened.allocate(20'000));
});

const bool wiped = test("a freed block holds nothing of what it held", [] {
  Opened opened({.capacity_bytes = kCapacity, .zeroed = false, .wiped = true});
  Offset block = opened.allocate(1000);
  std::memset(opened.at(block), 's', 1000);
  opened.free(block);
  const std::byte* bytes = opened.pool->bytes();
  check(std::find(bytes, bytes + kCapacity, std::byte{'s'}) == bytes + kCapacity, "not one byte");
});

// The pool is small, so that what waits to be wiped is wanted at times.
const bool background =
    test("threads of the pool wipe and refill, and its callers keep what is theirs", [] {
      for (size_t capacity : {size_t{64} << 10, size_t{8} << 20}) {
        Shelf shelf;
        std::unique_ptr<Pool> pool;
        PoolOptions options{.capacity_bytes = capacity, .background = true};
        check(open_pool(shelf, options, pool) == Fault::none, "a pool");
        std::atomic<int> broken{0};
        auto life = [&](uint64_t seed) {
          Way* way = pool->attach();
          Random random(seed);
          std::vector<std::pair<Offset, uint32_t>> live;
          for (int step = 0; step < 5'000; ++step) {
            uint32_t bytes = 1 + random.below(step % 50 == 0 ? 20'000 : 2'000);
            Result<Offset> got = pool->allocate(*way, bytes, 0);
            if (got) {
              std::memset(pool->bytes() + *got, static_cast<int>(seed), bytes);
              live.emplace_back(*got, bytes);
            }
            if (got && live.size() < 30) continue;
            if (live.empty()) continue;
            auto [offset, size] = live[random.below(static_cast<uint32_t>(live.size()))];
            std::erase(live, std::pair{offset, size});
            const std::byte* at = pool->bytes() + offset;
            broken += !std::all_of(at, at + size,
                                   [&](std::byte byte) { return byte == std::byte(seed); });
            broken += pool->free(*way, offset) != Fault::none;
          }
          for (auto [offset, size] : live) broken += pool->free(*way, offset) != Fault::none;
          pool->detach(way);
        };
        std::thread one(life, 1);
        std::thread two(life, 2);
        one.join();
        two.join();
        check(broken == 0, "nothing of theirs was overwritten, and all of it was freed");
        check(pool->stats().live_blocks == 0, "nothing is left");
        close_pool(shelf, *pool);
      }
    });

const bool resource = test("containers live in a pool through its memory resource", [] {
  Shelf shelf;
  std::unique_ptr<Pool> pool;
  check(open_pool(shelf, {.capacity_bytes = 1 << 20}, pool) == Fault::none, "a pool");
  Way* way = pool->attach();
  {
    PoolResource resource(*pool, *way, 7);
    std::pmr::map<int, std::pmr::string> words(&resource);
    for (int at = 0; at < 100; ++at) words[at] = std::pmr::string(100, 'a');
    std::vector<LiveBlock> blocks = pool->live_blocks();
    check(blocks.size() == 200, "a node and a text for each");
    check(blocks[0].tag == 7 && blocks[0].intact, "under its tag");
    check(words[50].size() == 100, "and they are what they were");
  }
  check(pool->stats().live_blocks == 0, "all of it is free again");
  pool->detach(way);
  close_pool(shelf, *pool);
});

}  // namespace
}  // namespace groundhog::test
