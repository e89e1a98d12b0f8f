// Sizes are rounded up to classes, so that a block can be used again for another size. Small ones,
// up to 8 KiB, live in slabs; medium ones, up to 64 KiB, are blocks of the main pool that a cache
// keeps by class. Above, there are no classes.
//
// Steps of 16 bytes up to 256, then 16 to each doubling, up to 4 KiB; from there 8 to each, so that
// a medium block is a whole number of KiB. At most 12.5 % is lost by rounding, from 256 bytes on 6
// % or 12.5 %.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "../core/units.h"

namespace groundhog {

// From 1; 0 is no class.
using SizeClass = uint8_t;

constexpr size_t kSmallBytesMax = 8 * 1024;
constexpr size_t kMediumBytesMax = 64 * 1024;

struct SizeClasses {
  uint16_t units[160] = {};
  uint32_t count = 0;  // the classes are 1 to count
};

constexpr SizeClasses kSizeClasses = [] {
  SizeClasses classes;
  uint32_t step = 1;
  for (uint32_t units = 1; units <= kMediumBytesMax / kUnitBytes; units += step) {
    classes.units[++classes.count] = static_cast<uint16_t>(units);
    uint32_t steps = units < 4096 / kUnitBytes ? 16 : 8;
    while (units >= 2 * steps * step) step *= 2;
  }
  return classes;
}();

constexpr uint32_t kClassCount = kSizeClasses.count;

// The class of each count of units up to the largest.
constexpr auto kClassOfUnits = [] {
  std::array<SizeClass, kMediumBytesMax / kUnitBytes + 1> classes{};
  SizeClass at = 1;
  for (uint32_t units = 0; units < classes.size(); ++units) {
    if (units > kSizeClasses.units[at]) ++at;
    classes[units] = at;
  }
  return classes;
}();

constexpr uint32_t units_of(SizeClass size) noexcept { return kSizeClasses.units[size]; }
constexpr SizeClass class_of_units(size_t units) noexcept { return kClassOfUnits[units]; }
constexpr SizeClass class_of(size_t bytes) noexcept { return class_of_units(units_for(bytes)); }

static_assert(kClassCount < 160);
static_assert(units_of(class_of(kSmallBytesMax)) == kSmallBytesMax / kUnitBytes);
static_assert(units_of(kClassCount) == kMediumBytesMax / kUnitBytes);
static_assert(units_of(class_of(kSmallBytesMax + 1)) % 64 == 0, "a whole number of KiB");
static_assert(class_of(1) == 1 && class_of(16) == 1 && class_of(17) == 2);

}  // namespace groundhog
