// The catalogue, in a file of its own: to compile it takes as long as all the rest.

#pragma once

#include <span>

#include "../programs/entry.h"

namespace groundhog {

std::span<const programs::Entry> all_programs() noexcept;

}  // namespace groundhog
