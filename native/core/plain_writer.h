// Text to a file by nothing but `write`, so that a signal's handler may use it.

#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace groundhog {

class PlainWriter {
 public:
  explicit PlainWriter(int file) noexcept : file_(file) {}
  ~PlainWriter() { flush(); }
  PlainWriter(const PlainWriter&) = delete;
  PlainWriter& operator=(const PlainWriter&) = delete;

  PlainWriter& operator<<(const char* text) noexcept {
    for (; *text != 0; ++text) put(*text);
    return *this;
  }

  PlainWriter& operator<<(uint64_t number) noexcept {
    char digits[20];
    int count = 0;
    do digits[count++] = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    while (count > 0) put(digits[--count]);
    return *this;
  }

  void put(char one) noexcept {
    if (used_ == sizeof(buffer_)) flush();
    buffer_[used_++] = one;
  }

  // What cannot be written is lost: there is nobody left to tell.
  void flush() noexcept {
    size_t from = 0;
    while (from < used_) {
      ssize_t written = ::write(file_, buffer_ + from, used_ - from);
      if (written <= 0) break;
      from += static_cast<size_t>(written);
    }
    used_ = 0;
  }

 private:
  int file_;
  size_t used_ = 0;
  char buffer_[512];
};

}  // namespace groundhog
