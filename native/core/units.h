// A pool is counted in units of 16 bytes: an index of a unit is half a word, stays a small integer
// in JavaScript up to 32 GiB, and every block is aligned for any scalar type.

#pragma once

#include <cstddef>
#include <cstdint>

namespace groundhog {

using Unit = uint32_t;

constexpr size_t kUnitBytes = 16;
constexpr size_t kPageBytes = 4096;
constexpr size_t kLineBytes = 64;

constexpr size_t round_up(size_t value, size_t to) noexcept { return (value + to - 1) / to * to; }
constexpr size_t units_for(size_t bytes) noexcept { return (bytes + kUnitBytes - 1) / kUnitBytes; }

}  // namespace groundhog
