// SimSync: the policy under which every atomic, lock, wait and allocation is a step of the engine.
// The types have the shape of their std counterparts; they exist only inside of a run.

#pragma once

#include <cstring>
#include <type_traits>

#include "engine.h"
#include "sync.h"

namespace groundhog::sim {

template <class T>
Value value_of(const T& from) noexcept {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(Value));
  Value value;
  std::memcpy(static_cast<void*>(&value), &from, sizeof(T));
  return value;
}

template <class T>
T from_value(const Value& value) noexcept {
  T result;
  std::memcpy(static_cast<void*>(&result), &value, sizeof(T));
  return result;
}

// Marks an object as dead. The compiler holds that nobody can see a store to an object that ends,
// but a late user is just who should see this one.
inline void end_life(uint32_t& run) noexcept {
  run = 0;
  asm volatile("" : : "r"(&run) : "memory");
}

template <class T>
class Atomic {
 public:
  Atomic() noexcept : Atomic(T{}) {}
  explicit(false) Atomic(T value) noexcept {
    Engine& engine = Engine::current();
    engine.begin_object(location_);
    engine.memory().create(engine.mind(), location_, value_of(value));
  }
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;
  ~Atomic() { end_life(location_.run); }

  T load(Order order = Order::seq_cst) const {
    Engine& engine = before(Kind::load, true, false, order);
    const Store& read = engine.memory().load(engine.mind(), location_, order, brancher(engine));
    T result = from_value<T>(read.value);
    engine.stepped(&read);
    return result;
  }

  void store(T value, Order order = Order::seq_cst) {
    Engine& engine = before(Kind::store, false, true, order);
    const Store& made =
        engine.memory().store(engine.mind(), location_, value_of(value), order, brancher(engine));
    changed(engine, nullptr, &made);
  }

  T exchange(T value, Order order = Order::seq_cst) {
    return update(order, [&](T) { return value; });
  }

  bool compare_exchange_strong(T& expected, T desired, Order success, Order failure) {
    return update_if(expected, desired, success, failure, false);
  }
  bool compare_exchange_weak(T& expected, T desired, Order success, Order failure) {
    return update_if(expected, desired, success, failure, true);
  }
  bool compare_exchange_strong(T& expected, T desired, Order order = Order::seq_cst) {
    return update_if(expected, desired, order, after_failure(order), false);
  }
  bool compare_exchange_weak(T& expected, T desired, Order order = Order::seq_cst) {
    return update_if(expected, desired, order, after_failure(order), true);
  }

  T fetch_add(T by, Order order = Order::seq_cst) requires std::is_integral_v<T> {
    return update(order, [by](T old) { return static_cast<T>(old + by); });
  }
  T fetch_sub(T by, Order order = Order::seq_cst) requires std::is_integral_v<T> {
    return update(order, [by](T old) { return static_cast<T>(old - by); });
  }
  T fetch_or(T by, Order order = Order::seq_cst) requires std::is_integral_v<T> {
    return update(order, [by](T old) { return static_cast<T>(old | by); });
  }
  T fetch_and(T by, Order order = Order::seq_cst) requires std::is_integral_v<T> {
    return update(order, [by](T old) { return static_cast<T>(old & by); });
  }

  // Waits until a value that satisfies `wanted` can be read, and reads it. A spin loop says so with
  // this, and then neither runs for ever in an unfair schedule nor hides a deadlock.
  template <class Wanted>
  T await(Wanted wanted, Order order = Order::seq_cst) const {
    Engine& engine = Engine::current();
    engine.check_alive(location_);
    struct Waiting {
      Wanted& wanted;
      const Location& location;
      const Mind& mind;
      Order order;
    };
    auto on_value = [&](const Value& value) { return wanted(from_value<T>(value)); };
    Mind& mind = engine.mind();
    uint32_t self = engine.running();
    auto possible = [&] { return engine.memory().can_read(mind, location_, order, on_value); };
    Awaiting awaiting{&possible, [](void* of) { return (*static_cast<decltype(possible)*>(of))(); },
                      awaiting_, self};
    awaiting_ = &awaiting;
    engine.set_ready(self, possible());
    engine.before({Kind::await, true, false, order, location_.id, &location_});
    for (Awaiting** link = &awaiting_;; link = &(*link)->next) {
      if (*link == &awaiting) {
        *link = awaiting.next;
        break;
      }
    }
    const Store& read =
        engine.memory().load_wanted(mind, location_, order, brancher(engine), on_value);
    T result = from_value<T>(read.value);
    engine.stepped(&read);
    return result;
  }

 private:
  // A thread that awaits a value here; it lies on that thread's stack.
  struct Awaiting {
    void* of;
    bool (*possible)(void* of);
    Awaiting* next;
    uint32_t thread;
  };

  static constexpr Order after_failure(Order order) noexcept {
    return order == Order::acq_rel   ? Order::acquire
           : order == Order::release ? Order::relaxed
                                     : order;
  }
  static auto brancher(Engine& engine) noexcept {
    return [&engine](Site site, uint32_t count) { return engine.branch(site, count); };
  }

  Engine& before(Kind kind, bool reads, bool writes, Order order,
                 const Value* expected = nullptr) const {
    Engine& engine = Engine::current();
    engine.check_alive(location_);
    engine.before({kind, reads, writes, order, location_.id, &location_, expected});
    engine.check_alive(location_);
    return engine;
  }

  void changed(Engine& engine, const Store* read, const Store* made) const {
    for (Awaiting* each = awaiting_; each != nullptr; each = each->next) {
      engine.set_ready(each->thread, each->possible(each->of));
    }
    engine.stepped(read, made);
  }

  template <class Change>
  T update(Order order, Change change) {
    Engine& engine = before(Kind::update, true, true, order);
    auto [old, made] = engine.memory().update(
        engine.mind(), location_, order, brancher(engine),
        [&](const Value& value) { return value_of(change(from_value<T>(value))); });
    T result = from_value<T>(old->value);
    changed(engine, old, made);
    return result;
  }

  bool update_if(T& expected, T desired, Order success, Order failure, bool weak) {
    Value wanted = value_of(expected);
    Engine& engine = before(Kind::update, true, true, success, &wanted);
    auto [old, made] =
        engine.memory().update_if(engine.mind(), location_, wanted, value_of(desired), success,
                                  failure, weak, brancher(engine));
    if (made == nullptr) {
      expected = from_value<T>(old->value);
      engine.stepped(old);
      return false;
    }
    changed(engine, old, made);
    return true;
  }

  mutable Location location_;
  mutable Awaiting* awaiting_ = nullptr;
};

// Plain data. It is no step of its own: an access that another one neither happens before nor
// after, one of the two a write, is reported as a race whatever the schedule was.
//
// After FastTrack (Flanagan and Freund 2009): one moment for the last write, one for the last read,
// and a clock only while there are reads that do not happen before each other.
template <class T>
class Plain {
 public:
  Plain() noexcept : run_(Engine::current().run_number()) {}
  explicit(false) Plain(T value) : Plain() { write(std::move(value)); }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  // An end that is not ordered after an access is a use after free in another schedule.
  ~Plain() {
    Engine& engine = Engine::current();
    if (run_ == engine.run_number() && !(is_after_write(engine.mind()) && is_after_reads(engine.mind()))) {
      engine.fail(Verdict::use_after_free, "plain data was freed while it could be in use");
    }
    end_life(run_);
  }

  const T& read() const {
    Engine& engine = check();
    if (writer_ == kNobody)
      engine.fail(Verdict::uninitialised, "plain data was read before any write");
    const Mind& mind = engine.mind();
    if (!known(mind, writer_, written_)) race(engine, "a read and an earlier write");
    if (readers_ != nullptr) {
      readers_->at[mind.lane] = mind.time();
    } else if (reader_ == kNobody || reader_ == mind.lane || known(mind, reader_, was_read_)) {
      reader_ = static_cast<uint8_t>(mind.lane);
      was_read_ = mind.time();
    } else {
      readers_ = new (engine.arena(sizeof(Clock), alignof(Clock))) Clock;
      readers_->fill(0, Clock::kLanes);
      readers_->at[reader_] = was_read_;
      readers_->at[mind.lane] = mind.time();
    }
    return value_;
  }

  void write(T value) {
    Engine& engine = check();
    const Mind& mind = engine.mind();
    if (!is_after_write(mind)) race(engine, "two writes");
    if (!is_after_reads(mind)) race(engine, "a write and an earlier read");
    readers_ = nullptr;
    reader_ = kNobody;
    writer_ = static_cast<uint8_t>(mind.lane);
    written_ = mind.time();
    value_ = std::move(value);
  }

  explicit(false) operator const T&() const { return read(); }
  Plain& operator=(T value) {
    write(std::move(value));
    return *this;
  }

 private:
  static constexpr uint8_t kNobody = 255;

  Engine& check() const {
    Engine& engine = Engine::current();
    if (run_ != engine.run_number()) {
      engine.fail(Verdict::use_after_free, "plain data was used after its memory was freed");
    }
    return engine;
  }
  static bool known(const Mind& mind, uint8_t lane, int32_t time) noexcept {
    return time <= mind.now.hb.at[lane];
  }
  bool is_after_write(const Mind& mind) const noexcept {
    return writer_ == kNobody || known(mind, writer_, written_);
  }
  bool is_after_reads(const Mind& mind) const noexcept {
    if (readers_ != nullptr) return readers_->all_within(mind.now.hb, Clock::kLanes);
    return reader_ == kNobody || known(mind, reader_, was_read_);
  }
  [[noreturn]] static void race(Engine& engine, const char* what) {
    engine.fail(Verdict::race, what);
  }

  T value_{};
  uint32_t run_;
  uint8_t writer_ = kNobody;
  mutable uint8_t reader_ = kNobody;
  int32_t written_ = 0;
  mutable int32_t was_read_ = 0;
  mutable Clock* readers_ = nullptr;
};

class Mutex {
 public:
  Mutex() noexcept : object_(Engine::current().new_object()) {
    released_.hb.fill(0, Clock::kLanes);
    released_.view.fill(0, Clock::kLanes);
  }
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() {
    Engine& engine = Engine::current();
    uint32_t self = engine.running();
    waiting_ |= 1u << self;
    if (held_) engine.set_ready(self, false);
    engine.before({Kind::lock, true, true, Order::acquire, object_});
    waiting_ &= ~(1u << self);
    take(engine);
    engine.stepped();
  }

  bool try_lock() {
    Engine& engine = Engine::current();
    engine.before({Kind::try_lock, true, true, Order::acquire, object_});
    bool free = !held_;
    if (free) {
      take(engine);
    } else {
      engine.only_reads();
    }
    engine.stepped();
    return free;
  }

  void unlock() {
    Engine& engine = Engine::current();
    if (!held_ || owner_ != engine.running()) {
      engine.fail(Verdict::violated, "a mutex was unlocked by a thread that does not hold it");
    }
    engine.before({Kind::unlock, true, true, Order::release, object_});
    engine.memory().release(engine.mind(), released_);
    held_ = false;
    engine.set_all_ready(waiting_, true);
    engine.stepped();
  }

 private:
  void take(Engine& engine) {
    held_ = true;
    owner_ = engine.running();
    engine.set_all_ready(waiting_, false);
    engine.memory().acquire(engine.mind(), released_);
  }

  uint32_t object_;
  bool held_ = false;
  uint32_t owner_ = 0;
  uint32_t waiting_ = 0;  // threads whose next step is to lock
  Knowledge released_;
};

// A thread of the run. It must be joined.
class Thread {
 public:
  template <class Body>
  explicit Thread(Body body) : index_(Engine::current().spawn(std::move(body))) {}
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  void join() { Engine::current().join(index_); }

 private:
  uint32_t index_;
};

inline void require(bool holds, const char* what) {
  if (!holds) Engine::current().fail(Verdict::violated, what);
}

// Hardware transactions: nobody else takes a step until the commit. One that the hardware would
// undo is never begun, which is the same to see. To read and check `held` for the whole time is to
// update it at both ends, without a change.
struct Transactions {
  static bool usable() noexcept { return true; }

  template <class Held>
  static Try begin(Held& held) {
    Engine& engine = Engine::current();
    if (engine.branch(Site::abort, 2) == 1) return Try::in_vain;
    if (held.fetch_add(0, Order::acq_rel) != 0) return Try::again;
    engine.set_alone(true);
    return Try::started;
  }
  template <class Held>
  static void commit(Held& held) {
    held.fetch_add(0, Order::acq_rel);
    Engine::current().set_alone(false);
  }
};

struct SimSync {
  static constexpr bool kSimulated = true;
  using Transactions = sim::Transactions;
  template <class T>
  using Atomic = sim::Atomic<T>;
  template <class T>
  using Plain = sim::Plain<T>;
  using Mutex = sim::Mutex;
  using Thread = sim::Thread;

  static void fence(Order order) {
    Engine& engine = Engine::current();
    engine.before({Kind::fence, false, false, order});
    engine.memory().fence(engine.mind(), order);
    engine.stepped();
  }
  static void pause() { Engine::current().pause(); }
  static uint32_t self() { return Engine::current().running(); }
  template <class T, class Wanted>
  static T await(const Atomic<T>& at, Order order, Wanted wanted) {
    return at.await(wanted, order);
  }
  template <class T, class... Arguments>
  static T* make(Arguments&&... arguments) {
    return new (Engine::current().allocate(sizeof(T))) T(std::forward<Arguments>(arguments)...);
  }
  template <class T>
  static void destroy(T* object) {
    object->~T();
    Engine::current().release(object);
  }
};

static_assert(Sync<SimSync>);

}  // namespace groundhog::sim
