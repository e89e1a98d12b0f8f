// What concurrent code is written against. A policy says what an atomic, a lock or a wait is:
//
// - RealSync: std::atomic and real threads, at no cost.
// - SimSync: every one of these is a step that the seed places; see engine.h.
//
// One source, compiled both ways. Code that is not concurrent does not take a policy.

#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>

namespace groundhog {

using Order = std::memory_order;

constexpr Order kRelaxed = Order::relaxed;
constexpr Order kAcquire = Order::acquire;
constexpr Order kRelease = Order::release;
constexpr Order kAcqRel = Order::acq_rel;
constexpr Order kSeqCst = Order::seq_cst;

template <class Lock>
concept Lockable = requires(Lock lock) {
  lock.lock();
  lock.unlock();
  { lock.try_lock() } -> std::same_as<bool>;
};

// How a try at a hardware transaction went.
enum class Try : uint8_t {
  started,    // what follows is one step, or did not happen
  again,      // another try may work
  in_vain,    // it will not
};

template <class S>
concept Sync = requires(typename S::template Atomic<uint32_t>& atomic, uint32_t& word,
                        typename S::template Plain<uint32_t>& plain, Order order) {
  { atomic.load(order) } -> std::same_as<uint32_t>;
  atomic.store(word, order);
  { atomic.exchange(word, order) } -> std::same_as<uint32_t>;
  { atomic.compare_exchange_strong(word, word, order, order) } -> std::same_as<bool>;
  { atomic.compare_exchange_weak(word, word, order, order) } -> std::same_as<bool>;
  { atomic.fetch_add(word, order) } -> std::same_as<uint32_t>;
  // Plain data, which only what happens before may order.
  { plain.read() } -> std::convertible_to<uint32_t>;
  plain.write(word);
  requires Lockable<typename S::Mutex>;
  S::fence(order);
  S::pause();                               // in a loop that waits for another thread
  { S::self() } -> std::same_as<uint32_t>;  // this thread's number: small, and used again
  // Waits until the value satisfies the predicate, and answers with it.
  {
    S::await(atomic, order, [](uint32_t value) { return value != 0; })
    } -> std::same_as<uint32_t>;
  // Memory for nodes that several threads share.
  { S::template make<uint32_t>(word) } -> std::same_as<uint32_t*>;
  S::template destroy<uint32_t>(&word);
  { S::kSimulated } -> std::convertible_to<bool>;
};

}  // namespace groundhog
