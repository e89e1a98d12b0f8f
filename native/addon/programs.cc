#include "programs.h"

#include "../programs/catalogue.h"

namespace groundhog {

std::span<const programs::Entry> all_programs() noexcept { return programs::kCatalogue; }

}  // namespace groundhog
