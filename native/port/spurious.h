// Failures for no reason, of a weak compare-and-swap or of a transaction, can go on without end in a
// loop. A systematic search tries runs with so many of them. Runs that only swap independent steps
// have the same number, so the bound fits partial-order reduction too.

#pragma once

#include <cstdint>

#include "decisions.h"

namespace groundhog::sim {

class Spurious {
 public:
  static constexpr uint32_t kMax = 1;

  void begin() noexcept { left_ = kMax; }
  // Whether there is nothing to be tried at this site.
  bool is_spent(Site site) const noexcept { return left_ == 0 && is_spurious(site); }
  void took(Site site, uint32_t outcome) noexcept {
    if (outcome != 0 && is_spurious(site)) --left_;
  }

 private:
  static constexpr bool is_spurious(Site site) noexcept {
    return site == Site::weak_cas || site == Site::abort;
  }

  uint32_t left_ = kMax;
};

}  // namespace groundhog::sim
