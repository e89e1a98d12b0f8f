// RealSync: the machine's own atomics and threads.

#pragma once

#include <sched.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include "sync.h"
#include "transactions.h"
#include "wide_atomic.h"

namespace groundhog {

// Numbers for threads, from 0 up; that of a thread that ended is given out again.
class ThreadNumber {
 public:
  static constexpr uint32_t kMax = 1024;

  static uint32_t mine() noexcept {
    thread_local ThreadNumber number;
    return number.value_;
  }

 private:
  ThreadNumber() noexcept {
    for (uint32_t word = 0;; word = (word + 1) % (kMax / 64)) {
      uint64_t used = used_[word].load(std::memory_order_relaxed);
      if (used == ~uint64_t{0}) continue;
      uint32_t bit = static_cast<uint32_t>(__builtin_ctzll(~used));
      if (used_[word].compare_exchange_strong(used, used | uint64_t{1} << bit)) {
        value_ = word * 64 + bit;
        return;
      }
      --word;
    }
  }
  ~ThreadNumber() {
    used_[value_ / 64].fetch_and(~(uint64_t{1} << value_ % 64), std::memory_order_release);
  }

  static inline std::atomic<uint64_t> used_[kMax / 64] = {};
  uint32_t value_;
};

struct RealSync {
  static constexpr bool kSimulated = false;
  using Transactions = Rtm;

  template <class T>
  using Atomic = std::conditional_t<sizeof(T) == 16, WideAtomic<T>, std::atomic<T>>;

  template <class T>
  class Plain {
   public:
    Plain() = default;
    explicit(false) Plain(T value) : value_(std::move(value)) {}
    const T& read() const noexcept { return value_; }
    void write(T value) noexcept { value_ = std::move(value); }
    explicit(false) operator const T&() const noexcept { return value_; }
    Plain& operator=(T value) noexcept {
      value_ = std::move(value);
      return *this;
    }

   private:
    T value_;
  };

  using Mutex = std::mutex;

  class Thread {
   public:
    template <class Body>
    explicit Thread(Body body) : thread_(std::move(body)) {}
    void join() { thread_.join(); }

   private:
    std::thread thread_;
  };

  static void fence(Order order) noexcept { std::atomic_thread_fence(order); }

  static void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  static uint32_t self() noexcept { return ThreadNumber::mine(); }

  template <class T, class Wanted>
  static T await(const std::atomic<T>& at, Order order, Wanted wanted) noexcept {
    for (uint32_t tries = 0;; ++tries) {
      T value = at.load(order);
      if (wanted(value)) return value;
      if (tries < kSpinsBeforeYield) {
        pause();
      } else {
        sched_yield();
      }
    }
  }

  template <class T, class... Arguments>
  static T* make(Arguments&&... arguments) {
    return new T(std::forward<Arguments>(arguments)...);
  }
  template <class T>
  static void destroy(T* object) noexcept {
    delete object;
  }

 private:
  static constexpr uint32_t kSpinsBeforeYield = 100;
};

static_assert(Sync<RealSync>);

}  // namespace groundhog
