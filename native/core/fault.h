#pragma once

#include <cstdint>

namespace groundhog {

// Why an operation was refused. The numbers cross into JavaScript, where index.ts names them.
enum class Fault : int32_t {
  none = 0,
  out_of_memory = -1,
  invalid_size = -2,
  invalid_offset = -3,
  double_free = -4,
  corrupt = -5,
  closed = -6,
  no_file = -7,
  file_in_use = -8,
  over_quota = -9,
  over_rate = -10,
  forbidden = -11,
};

// A value, or the reason why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) noexcept : value_(value) {}
  constexpr Result(Fault fault) noexcept : fault_(fault) {}

  constexpr explicit operator bool() const noexcept { return fault_ == Fault::none; }
  constexpr T operator*() const noexcept { return value_; }
  constexpr Fault fault() const noexcept { return fault_; }

 private:
  T value_{};
  Fault fault_ = Fault::none;
};

}  // namespace groundhog
