// What lies around the bytes of a guarded block, in words of 32 bits:
//
//   | bytes | tag | check | canary |  the user's bytes  | canary |
//   ^ a unit                       ^ a unit: the offset that is handed out
//
// - The canaries are 0xDEADBEEF, mixed with the pool's secret when it has one. The rear one begins
//   with the first byte after the user's: up to three bytes to the next word, and one whole word.
// - `check` is a hash of where the block is, of its bytes and of its tag. A front that is wrong in
//   any way does not match, and then nothing in it is believed.
// - In a block that was freed the front canary is another word, which tells a second free.
//
// The same is written and checked in TypeScript by the pools whose magazines it uses: magazines.ts.
// It finds accidents; who can read the region can also forge it.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../core/units.h"

namespace groundhog {

struct Front {
  uint32_t bytes;
  uint32_t tag;
  uint32_t check;
  uint32_t canary;
};
static_assert(sizeof(Front) == kUnitBytes);

class Guard {
 public:
  static constexpr uint32_t kLive = 0xdeadbeef;
  static constexpr uint32_t kFreed = 0xfeeb1ed0;
  static constexpr size_t kFrontBytes = sizeof(Front);
  static constexpr size_t kRearBytes = 4;

  explicit Guard(uint64_t secret) noexcept
      : canary_(kLive ^ static_cast<uint32_t>(secret)),
        freed_(kFreed ^ static_cast<uint32_t>(secret)),
        salt_(static_cast<uint32_t>(secret >> 32)) {}

  // What a block takes for so many bytes.
  static constexpr size_t bytes_around(size_t bytes) noexcept {
    return kFrontBytes + (bytes + 3) / 4 * 4 + kRearBytes;
  }

  void set(std::byte* block, Unit unit, uint32_t bytes, uint32_t tag) const noexcept {
    Front front{bytes, tag, check(unit, bytes, tag), canary_};
    std::memcpy(block, &front, sizeof(front));
    set_rear(block + kFrontBytes, bytes);
  }

  void set_freed(std::byte* block) const noexcept {
    std::memcpy(block + offsetof(Front, canary), &freed_, sizeof(freed_));
  }

  enum class Finding : uint8_t { live, freed, front_broken, rear_broken };

  // `room` is the size of the block as the allocator knows it.
  Finding look(const std::byte* block, Unit unit, size_t room, Front& front) const noexcept {
    std::memcpy(&front, block, sizeof(front));
    bool checks = front.check == check(unit, front.bytes, front.tag);
    if (!checks || bytes_around(front.bytes) > room) return Finding::front_broken;
    if (front.canary == freed_) return Finding::freed;
    if (front.canary != canary_) return Finding::front_broken;
    return rear_holds(block + kFrontBytes, front.bytes) ? Finding::live : Finding::rear_broken;
  }

  // Whether a live block of at most `room` with its guards starts there, and is intact.
  [[gnu::always_inline]] bool is_live(const std::byte* block, Unit unit, size_t room,
                                      Front& front) const noexcept {
    std::memcpy(&front, block, sizeof(front));
    bool checks = front.canary == canary_ && front.check == check(unit, front.bytes, front.tag);
    return checks && bytes_around(front.bytes) <= room &&
           rear_holds(block + kFrontBytes, front.bytes);
  }

  uint32_t canary() const noexcept { return canary_; }
  uint32_t freed() const noexcept { return freed_; }
  uint32_t salt() const noexcept { return salt_; }

 private:
  uint32_t check(Unit unit, uint32_t bytes, uint32_t tag) const noexcept {
    uint32_t hash = (unit ^ salt_) * 0x9e3779b1u;
    hash = (hash ^ bytes) * 0x85ebca77u;
    return (hash ^ tag) * 0xc2b2ae3du;
  }

  // Two words that may overlap, so that nothing depends on the remainder: one right behind the
  // user's bytes, turned to lie as its places ask, and the next whole one.
  static size_t rear_at(size_t bytes) noexcept { return (bytes + 3) / 4 * 4; }
  uint32_t turned(size_t bytes) const noexcept {
    static_assert(std::endian::native == std::endian::little);
    return std::rotr(canary_, static_cast<int>(bytes % 4 * 8));
  }

  void set_rear(std::byte* start, size_t bytes) const noexcept {
    uint32_t first = turned(bytes);
    std::memcpy(start + bytes, &first, 4);
    std::memcpy(start + rear_at(bytes), &canary_, 4);
  }

  [[gnu::always_inline]] bool rear_holds(const std::byte* start, size_t bytes) const noexcept {
    uint32_t first;
    uint32_t last;
    std::memcpy(&first, start + bytes, 4);
    std::memcpy(&last, start + rear_at(bytes), 4);
    return ((first ^ turned(bytes)) | (last ^ canary_)) == 0;
  }

  uint32_t canary_;
  uint32_t freed_;
  uint32_t salt_;
};

}  // namespace groundhog
