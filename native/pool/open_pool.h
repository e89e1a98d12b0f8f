// Which pool is made: small ones are compact. Those of the simulated world are made by
// open_simulated_pool.h.

#pragma once

#include "pool_of.h"
#include "post_mortem.h"

namespace groundhog {

constexpr size_t kCompactBytesMax = size_t{4} << 20;

using CompactPool = PoolOf<RealSync, CompactShape<4>>;
using LargePool = PoolOf<RealSync, HeapShape>;

template <class Made>
Fault open_pool_of(Shelf& shelf, const PoolOptions& options, std::unique_ptr<Pool>& made) {
  Region region;
  size_t ledger_bytes = Made::ledger_bytes(options.capacity_bytes);
  Fault fault = options.backing == BackingOptions()
                    ? shelf.take(options.capacity_bytes, ledger_bytes, region)
                    : Region::open(real_kernel(), options.backing, options.capacity_bytes,
                                   ledger_bytes, region);
  if (fault != Fault::none) return fault;
  made = std::make_unique<Made>(std::move(region), options);
  if (options.recorded) Census::add(*made);
  return Fault::none;
}

inline Fault open_pool(Shelf& shelf, PoolOptions options, std::unique_ptr<Pool>& made) {
  if (options.capacity_bytes == 0 || options.capacity_bytes > Region::kCapacityBytesMax) {
    return Fault::invalid_size;
  }
  options.capacity_bytes = round_up(options.capacity_bytes, kPageBytes);
  options.wiped = options.wiped || options.background;
  return options.capacity_bytes <= kCompactBytesMax
             ? open_pool_of<CompactPool>(shelf, options, made)
             : open_pool_of<LargePool>(shelf, options, made);
}

// Ends a pool. Its region is kept for another one, if it is a plain one.
inline void close_pool(Shelf& shelf, Pool& pool) noexcept {
  if (pool.is_recorded()) Census::remove(pool);
  bool plain = pool.backing().is_plain();
  Region region = pool.end();
  if (plain) shelf.put(std::move(region));
}

}  // namespace groundhog
