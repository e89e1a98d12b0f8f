// What lies around the bytes of a guarded block, in words of 32 bits:
//
//   | bytes | tag | check | canary |  the user's bytes  | canary |
//   ^ a unit                       ^ a unit: the offset that is handed out
//
// - The canaries are 0xDEADBEEF, mixed with the pool's secret when it has one. The rear one begins
//   with the first byte after the user's: up to three bytes to the next word, and one whole word.
// - `check` mixes where the block is, its bytes and its tag. A front that is wrong in any way does
//   not match, and then nothing in it is believed.
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

  static constexpr Unit units_around(size_t bytes) noexcept {
    return static_cast<Unit>((bytes + 3) / kUnitBytes + 2);
  }

  // Writes into the word before the rear canary's too: the user's bytes come after this.
  [[gnu::always_inline]] void set(std::byte* block, Unit unit, uint32_t bytes,
                                  uint32_t tag) const noexcept {
    // As one value: two stores are joined into a vector, which takes longer than both.
    Words front = Words{marks(unit, bytes, tag)} << 64 | (bytes | uint64_t{tag} << 32);
    std::memcpy(block, &front, sizeof(front));
    std::memcpy(rear_words(block, bytes), &canaries_, sizeof(canaries_));
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
    return rear_holds(block, front.bytes) ? Finding::live : Finding::rear_broken;
  }

  // How many bytes fit into a block with the guards around them.
  static constexpr size_t bytes_in(size_t block_bytes) noexcept {
    return block_bytes > bytes_around(0) ? (block_bytes - bytes_around(0)) / 4 * 4 : 0;
  }

  // Whether a live block of at most `bytes_max` starts there, and is intact; then `bytes` is its
  // size.
  [[gnu::always_inline]] bool is_live(const std::byte* block, Unit unit, uint32_t bytes_max,
                                      uint32_t& bytes) const noexcept {
    uint64_t front[2];
    std::memcpy(front, block, sizeof(front));
    bytes = static_cast<uint32_t>(front[0]);
    return front[1] == marks(unit, bytes, static_cast<uint32_t>(front[0] >> 32)) &&
           bytes - 1 < bytes_max && rear_holds(block, bytes);
  }

  uint32_t canary() const noexcept { return canary_; }
  uint32_t freed() const noexcept { return freed_; }
  uint32_t salt() const noexcept { return salt_; }

 private:
  static_assert(std::endian::native == std::endian::little);

  using Words = unsigned __int128;

  // One change in any of the three makes another value, and all of them differ from unit to unit.
  uint32_t check(Unit unit, uint32_t bytes, uint32_t tag) const noexcept {
    return ((unit ^ salt_) * 0x9e3779b1u - bytes) ^ tag;
  }
  // The check and the canary of a front, in one word.
  uint64_t marks(Unit unit, uint32_t bytes, uint32_t tag) const noexcept {
    return check(unit, bytes, tag) | live_;
  }

  // The word in which the user's bytes end, and the one behind it: all of a rear canary, whatever
  // the remainder is.
  template <class Byte>
  static Byte* rear_words(Byte* block, size_t bytes) noexcept {
    return block + kFrontBytes + (bytes - 1) / 4 * 4;
  }

  [[gnu::always_inline]] bool rear_holds(const std::byte* block, uint32_t bytes) const noexcept {
    uint64_t words;
    std::memcpy(&words, rear_words(block, bytes), sizeof(words));
    return ((words ^ canaries_) & kNotUsers[bytes % 4]) == 0;
  }

  // Of rear_words, what is not the user's, by the remainder of the bytes.
  static constexpr uint64_t kNotUsers[4] = {~uint64_t{0} << 32, ~uint64_t{0} << 8,
                                            ~uint64_t{0} << 16, ~uint64_t{0} << 24};

  uint32_t canary_;
  uint32_t freed_;
  uint32_t salt_;
  uint64_t live_ = uint64_t{canary_} << 32;
  uint64_t canaries_ = live_ | canary_;
};

static_assert(Guard::units_around(1) == units_for(Guard::bytes_around(1)));
static_assert(Guard::units_around(12) == units_for(Guard::bytes_around(12)));
static_assert(Guard::units_around(13) == units_for(Guard::bytes_around(13)));
static_assert(Guard::units_around(65536) == units_for(Guard::bytes_around(65536)));

}  // namespace groundhog
