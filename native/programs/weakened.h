// Policies that take something away from another one: what is correct on S and needs what is taken
// fails on these. They are how each structure gets its broken twin, without a second source.

#pragma once

#include "../port/sim_sync.h"

namespace groundhog {

// Every operation is relaxed.
struct AllRelaxed {
  static constexpr Order of(Order) noexcept { return kRelaxed; }
  static constexpr bool torn = false;
};

// What is seq_cst acquires and releases only.
struct NoSeqCst {
  static constexpr Order of(Order order) noexcept { return order == kSeqCst ? kAcqRel : order; }
  static constexpr bool torn = false;
};

// An update is a load and a store, and others may come between.
struct TornUpdates {
  static constexpr Order of(Order order) noexcept { return order; }
  static constexpr bool torn = true;
};

// Transactions that begin without a look at who holds the lock in earnest.
struct BlindTransactions : sim::Transactions {
  template <class Held>
  static Try begin(Held& held) {
    sim::Engine& engine = sim::Engine::current();
    if (engine.branch(sim::Site::abort, 2) == 1) return Try::in_vain;
    held.fetch_add(0, kAcqRel);
    engine.set_alone(true);
    return Try::started;
  }
};

template <Sync S, class Less>
struct Weakened : S {
  template <class T>
  class Atomic : public S::template Atomic<T> {
    using Whole = typename S::template Atomic<T>;

   public:
    Atomic() = default;
    explicit(false) Atomic(T value) : Whole(value) {}

    T load(Order order = kSeqCst) const { return Whole::load(load_order(order)); }
    void store(T value, Order order = kSeqCst) { Whole::store(value, store_order(order)); }
    T exchange(T value, Order order = kSeqCst) {
      return update(order, [&](T) { return value; });
    }
    T fetch_add(T by, Order order = kSeqCst) {
      return update(order, [&](T old) { return static_cast<T>(old + by); });
    }
    T fetch_sub(T by, Order order = kSeqCst) {
      return update(order, [&](T old) { return static_cast<T>(old - by); });
    }
    T fetch_or(T by, Order order = kSeqCst) {
      return update(order, [&](T old) { return static_cast<T>(old | by); });
    }
    T fetch_and(T by, Order order = kSeqCst) {
      return update(order, [&](T old) { return static_cast<T>(old & by); });
    }
    bool compare_exchange_strong(T& expected, T desired, Order success, Order failure) {
      if constexpr (Less::torn) {
        T seen = load(failure);
        bool equal = sim::value_of(seen) == sim::value_of(expected);
        if (equal) store(desired, success);
        if (!equal) expected = seen;
        return equal;
      } else {
        return Whole::compare_exchange_strong(expected, desired, Less::of(success),
                                              load_order(failure));
      }
    }
    bool compare_exchange_weak(T& expected, T desired, Order success, Order failure) {
      return compare_exchange_strong(expected, desired, success, failure);
    }

   private:
    static constexpr Order load_order(Order order) noexcept {
      order = Less::of(order);
      return order == kAcqRel ? kAcquire : order == kRelease ? kRelaxed : order;
    }
    static constexpr Order store_order(Order order) noexcept {
      order = Less::of(order);
      return order == kAcqRel ? kRelease : order == kAcquire ? kRelaxed : order;
    }

    template <class Change>
    T update(Order order, Change change) {
      if constexpr (Less::torn) {
        T seen = load(order);
        store(change(seen), order);
        return seen;
      } else {
        T seen = Whole::load(kRelaxed);
        while (!Whole::compare_exchange_strong(seen, change(seen), Less::of(order), kRelaxed)) {
        }
        return seen;
      }
    }
  };

  static void fence(Order order) {
    if (Less::of(order) != kRelaxed) S::fence(Less::of(order));
  }
};

}  // namespace groundhog
