// A program that can be run by name.

#pragma once

namespace groundhog::programs {

struct Entry {
  const char* name;
  void (*run)();
  bool broken;
};

}  // namespace groundhog::programs
