#include "../pool/pool.h"

#include "check.h"

namespace groundhog::test {
namespace {

constexpr size_t kCapacity = 64 * 1024;

Offset allocated(Pool& pool, size_t bytes) {
  Result<Offset> got = pool.allocate(bytes, 3);
  check(static_cast<bool>(got), "the pool has room");
  return *got;
}

bool all_zero(const std::byte* from, size_t bytes) {
  for (size_t at = 0; at < bytes; ++at) {
    if (from[at] != std::byte{0}) return false;
  }
  return true;
}

const bool beyond = test("a byte written beyond either end is found at the free", [] {
  for (size_t bytes : {1, 7, 8, 9, 15, 16, 17, 100}) {
    for (int side : {-1, +1}) {
      Pool pool(Region(kCapacity), 42);
      Offset block = allocated(pool, bytes);
      std::byte& outside = pool.bytes()[side < 0 ? block - 1 : block + bytes];
      outside ^= std::byte{1};
      check(pool.free(block) == Fault::corrupt, "one flipped bit next to the block");
      outside ^= std::byte{1};
      check(pool.free(block) == Fault::none, "repaired, it can be freed");
    }
  }
});

const bool zeroed = test("a block is zeroed, whatever lay there before", [] {
  Pool pool(Region(kCapacity), 0);
  Random random(9);
  std::vector<std::pair<Offset, size_t>> live;
  for (int step = 0; step < 5000; ++step) {
    size_t bytes = 1 + random.below(300);
    Result<Offset> got = pool.allocate(bytes, 0);
    if (got) {
      check(all_zero(pool.bytes() + *got, bytes), "every byte is zero");
      std::memset(pool.bytes() + *got, 0xff, bytes);
      live.push_back({*got, bytes});
    }
    if (!got || random.below(2) == 0) {
      uint32_t at = random.below(static_cast<uint32_t>(live.size()));
      check(pool.free(live[at].first) == Fault::none, "and its canaries are intact");
      live[at] = live.back();
      live.pop_back();
    }
  }
});

const bool reused = test("a region from the shelf is like a fresh one", [] {
  Shelf shelf;
  for (size_t capacity : {kCapacity, size_t{4} << 20}) {
    uint64_t first_hash = 0;
    for (int life = 0; life < 3; ++life) {
      Pool pool(shelf.take(capacity), 0);
      Random random(4);
      for (int step = 0; step < 200; ++step) {
        size_t bytes = 1 + random.below(static_cast<uint32_t>(capacity / 400));
        Result<Offset> got = pool.allocate(bytes, 0);
        if (!got) break;
        check(all_zero(pool.bytes() + *got, bytes), "it reads as zero");
        for (size_t at = 0; at < bytes; ++at) pool.bytes()[*got + at] = std::byte(random.next());
        if (random.below(2) == 0) check(pool.free(*got) == Fault::none, "free");
      }
      uint64_t hash = pool.content_hash();
      check(life == 0 || hash == first_hash, "the same calls give the same contents");
      first_hash = hash;
      shelf.put(pool.take_region());
    }
  }
});

const bool hash_sees = test("the hash sees one changed bit, one moved block and one other tag", [] {
  auto hash = [](size_t gap, uint32_t tag, int change) {
    Pool pool(Region(kCapacity), 0);
    if (gap > 0) allocated(pool, gap);
    Offset gone = gap > 0 ? Offset{16} : 0;
    Offset block = *pool.allocate(100, tag);
    if (gone != 0) pool.free(gone);
    if (change >= 0) pool.bytes()[block + 50] ^= std::byte(change);
    return pool.content_hash();
  };
  uint64_t plain = hash(0, 1, 0);
  check(plain == hash(0, 1, 0), "the same state hashes the same");
  check(plain != hash(0, 1, 4), "one bit");
  check(plain != hash(64, 1, 0), "another place");
  check(plain != hash(0, 2, 0), "another tag");
});

const bool bad_sizes = test("sizes that cannot be are refused by name", [] {
  Pool pool(Region(kCapacity), 0);
  check(pool.allocate(0, 0).fault() == Fault::invalid_size, "none");
  check(pool.allocate(kCapacity + 1, 0).fault() == Fault::invalid_size, "more than the capacity");
  check(pool.allocate(SIZE_MAX, 0).fault() == Fault::invalid_size, "the largest number");
  check(pool.allocate(kCapacity, 0).fault() == Fault::out_of_memory, "no room for the canaries");
  check(static_cast<bool>(pool.allocate(kCapacity - 24, 0)), "room for the canaries");
});

}  // namespace
}  // namespace groundhog::test
