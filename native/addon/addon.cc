// The addon: all that JavaScript can call, by file. Each function takes plain numbers, of which the
// first is what it is about, and answers with a number: an offset or a count, or a negative Fault.

#include "offers.h"

namespace groundhog {
namespace {

Napi::Object init(Napi::Env, Napi::Object exports) {
  offer_pools(exports);
  offer_movables(exports);
  offer_stores(exports);
  offer_fibers(exports);
  offer_searches(exports);
  offer_simulated(exports);
  return exports;
}

NODE_API_MODULE(groundhog, init)

}  // namespace
}  // namespace groundhog
