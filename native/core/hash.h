// A 64-bit hash of bytes: eight at a time, each folded in by one 64 x 64 -> 128 bit multiplication
// (the mixing step of wyhash, Wang Yi 2019). Words are read as little-endian on every machine and
// no seed comes from the process, so the same bytes give the same hash everywhere.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace groundhog {

constexpr uint64_t mix(uint64_t a, uint64_t b) noexcept {
  unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t load_little_endian(const std::byte* from, size_t bytes) noexcept {
  uint64_t word = 0;
  std::memcpy(&word, from, bytes);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

class Hash {
 public:
  void add(uint64_t word) noexcept { state_ = mix(state_ ^ word ^ kOdd, kPrime); }

  void add(const std::byte* from, size_t bytes) noexcept {
    add(bytes);  // so that "ab" + "c" and "a" + "bc" differ
    for (; bytes >= 8; from += 8, bytes -= 8) add(load_little_endian(from, 8));
    if (bytes > 0) add(load_little_endian(from, bytes));
  }

  uint64_t value() const noexcept { return mix(state_, kPrime); }

 private:
  static constexpr uint64_t kPrime = 0xa0761d6478bd642f;
  static constexpr uint64_t kOdd = 0xe7037ed1a0b428db;
  uint64_t state_ = kPrime;
};

}  // namespace groundhog
