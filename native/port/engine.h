// Threads as fibers, interleaved at every visible step in an order that the seed decides.
//
//   announce the step -> decide who goes next -> (another thread's steps) -> do the step -> run on
//
// A thread stops before each operation on shared state, having announced what it is about to touch,
// so whoever decides knows the footprint of every candidate. Between two operations nobody else
// runs: plain data is judged by what happens before, not by what the schedule happened to be. Hence
// a new thread runs up to its first step, and one that waited for another's end goes on at it, with
// nothing to decide.
//
// A run that fails is abandoned where it stands: frames are not unwound. What a program keeps on
// its fibers' stacks must need no destructor for anything outside of the run.

#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "../core/hash.h"
#include "fiber.h"
#include "weak_memory.h"

namespace groundhog::sim {

class Engine;

enum class Verdict : uint8_t {
  passed,
  violated,        // `require` did not hold
  race,            // two accesses to plain data, one of them a write, and neither happens before
  deadlock,        // every thread waits
  livelock,        // more steps than the limit
  use_after_free,  // an access to an object whose memory was given back
  double_free,
  leak,
  uninitialised,  // a read of plain data that nobody wrote
  pruned,         // a systematic search has seen what this run would become
};

constexpr const char* kVerdictNames[] = {
    "passed",         "violated",    "race", "deadlock",      "livelock",
    "use after free", "double free", "leak", "uninitialised", "pruned",
};

enum class Kind : uint8_t {
  none,
  load,
  store,
  update,
  fence,
  lock,
  try_lock,
  unlock,
  await,
  join,
  pause,
  point,
};

// What a thread is about to do, and once it is done, what it was. `object` is the number of a
// location or lock, in order of creation.
struct Step {
  Kind kind = Kind::none;
  bool reads = false;
  bool writes = false;
  Order order = Order::relaxed;
  uint32_t object = 0;
  const Location* location = nullptr;
  const Value* expected = nullptr;  // of a compare-and-swap
  const Store* read = nullptr;      // of a step that is done: what it read, and what it wrote
  const Store* made = nullptr;
  bool settled = false;  // and whether it was the first seq_cst operation to see `read`
};

// Decides in place of chance.
class Strategy {
 public:
  virtual ~Strategy() = default;
  virtual void begin(Engine&) {}
  // A thread out of the set `ready`. Asked when there are at least two, or always; see below.
  virtual uint32_t pick(Engine&, uint32_t ready) = 0;
  virtual uint32_t branch(Engine&, Site site, uint32_t count) = 0;
  // A step is done. It may be less than was announced: a failed compare-and-swap only reads.
  virtual void stepped(Engine&, uint32_t thread, const Step&) { (void)thread; }
  virtual void spawned(uint32_t creator, uint32_t thread) { (void)creator, (void)thread; }
  virtual void joined(uint32_t thread, uint32_t ended) { (void)thread, (void)ended; }
  virtual void ended(Engine&) {}  // the run

  // Whether `pick` is asked for each step of a run, even when there is one candidate.
  bool asked_always = false;
};

struct Limits {
  uint32_t steps_max = 20'000;
  bool weak = true;         // without it, loads read the newest store
  bool check_leaks = true;  // of what `allocate` gave
};

struct Outcome {
  Verdict verdict = Verdict::passed;
  const char* message = "";
  uint32_t thread = 0;
};

class Engine {
 public:
  explicit Engine(Limits limits = {}) : limits_(limits) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // The engine whose thread is running, for the types of sim_sync.h.
  static Engine& current() noexcept { return *current_engine; }

  // One run of `root` as thread 0. `forced` outcomes come first; what they do not cover, `strategy`
  // decides, or chance when there is none, drawn from `seed`.
  template <class Root>
  const Outcome& run(Root&& root, uint64_t seed, Strategy* strategy = nullptr,
                     std::span<const uint32_t> forced = {}) {
    begin(seed, strategy, forced);
    spawn([&root] { root(); });
    go(*threads_[0]);
    if (strategy_ != nullptr) strategy_->ended(*this);
    return outcome_;
  }

  // A run that stops whenever `strategy` asks the host, by `ask`: true when it has ended. Between
  // two questions the fibers stay parked, and the host may do what it likes.
  bool start(void (*root)(), Strategy& strategy) {
    begin(0, &strategy, {});
    spawn([root] { root(); });
    parked_ = false;
    go(*threads_[0]);
    return !parked_;
  }
  // Goes on after a question, which `question` tells.
  bool resume(uint32_t answer) {
    answer_ = answer;
    parked_ = false;
    go(*current_);
    return !parked_;
  }
  struct Question {
    Site site;
    uint32_t count;
  };
  const Question& question() const noexcept { return question_; }
  // On a fiber: what the host says, a number below `count`.
  uint32_t ask(Site site, uint32_t count) {
    question_ = {site, count};
    parked_ = true;
    host_.enter_from(current_->fiber);
    return answer_ < count ? answer_ : 0;
  }

  const Outcome& outcome() const noexcept { return outcome_; }
  std::span<const uint32_t> decisions() const noexcept { return taken_.all(); }
  uint32_t steps() const noexcept { return steps_; }
  uint32_t threads() const noexcept { return threads_used_; }
  const Step& next_step(uint32_t thread) const noexcept { return threads_[thread]->next; }
  const Mind& mind_of(uint32_t thread) const noexcept { return threads_[thread]->mind; }
  bool is_done(uint32_t thread) const noexcept { return threads_[thread]->done; }
  uint32_t running() const noexcept { return current_->index; }
  bool weak() const noexcept { return limits_.weak; }
  WeakMemory& memory() noexcept { return memory_; }
  Mind& mind() noexcept { return current_->mind; }
  // Whether all readable stores were kept; see WeakMemory.
  bool complete() const noexcept { return !memory_.forgot(); }

  uint64_t draw() noexcept {
    draws_ += 0xa0761d6478bd642f;
    return mix(draws_, draws_ ^ 0xe7037ed1a0b428db);
  }
  uint32_t draw_below(uint32_t bound) noexcept {
    return static_cast<uint32_t>((draw() >> 32) * bound >> 32);
  }

  // ---- What the types of sim_sync.h call, on a fiber.

  // Announces a step and returns when it is this thread's turn to do it.
  void before(Step step) {
    Thread& self = *current_;
    self.next = step;
    if (self.fresh) {
      hand_back(self);
      return;
    }
    if (++steps_ > limits_.steps_max) fail(Verdict::livelock, "the limit of steps is reached");
    uint32_t chosen = alone_ ? pick_alone() : pick();
    if (chosen != self.index) switch_to(chosen);
  }

  // Until it is unset, no other thread takes a step: a transaction, which others see whole.
  void set_alone(bool alone) noexcept { alone_ = alone; }

  // The announced step has turned out to change nothing.
  void only_reads() noexcept { current_->next.writes = false; }

  // The announced step is done. A failed compare-and-swap has made nothing, and wrote nothing.
  void stepped(const Store* read = nullptr, const Store* made = nullptr) {
    if (strategy_ == nullptr) return;
    Step& step = current_->next;
    step.read = read;
    step.made = made;
    step.settled = memory_.has_settled();
    if (step.kind == Kind::update && made == nullptr) step.writes = false;
    strategy_->stepped(*this, current_->index, step);
  }

  // A decision among `count` outcomes.
  uint32_t branch(Site site, uint32_t count) {
    if (count == 1) return 0;
    if (count == 0) fail(Verdict::pruned, "every candidate was explored before");
    uint32_t outcome;
    if (is_forced(site)) {
      Decision decision{forced_[forced_at_++]};
      outcome = decision.site() == site && decision.outcome() < count ? decision.outcome() : 0;
    } else if (strategy_ == nullptr) {
      outcome = chance(site, count);
    } else {
      outcome = strategy_->branch(*this, site, count);
    }
    taken_.add(Decision::of(site, count, outcome));
    return outcome;
  }

  // What chance says at a site: rare things are rare.
  uint32_t chance(Site site, uint32_t count) noexcept {
    bool rare = site == Site::place || site == Site::weak_cas || site == Site::abort;
    if (rare && draw_below(8) != 0) return 0;
    return draw_below(count);
  }

  // Gives way: another thread takes the next step, if there is one that can.
  void pause() {
    Thread& self = *current_;
    uint32_t others = ready_ & ~bit(self.index);
    if (self.fresh || others == 0) {
      before({Kind::pause});
    } else {
      self.next = {Kind::pause};
      if (++steps_ > limits_.steps_max) fail(Verdict::livelock, "the limit of steps is reached");
      switch_to(pick_among(others));
    }
    stepped();
  }

  // Waits for `ready()` of this thread to be set by whoever changes what it waits for.
  void set_ready(uint32_t thread, bool ready) noexcept { set_all_ready(bit(thread), ready); }
  void set_all_ready(uint32_t threads, bool ready) noexcept {
    ready_ = ready ? ready_ | threads : ready_ & ~threads;
    ready_count_ = 0;
    for (uint32_t rest = ready_; rest != 0; rest &= rest - 1) {
      ready_list_[ready_count_++] = static_cast<uint8_t>(__builtin_ctz(rest));
    }
  }

  // A thread of this run; its body is copied into the run's memory.
  template <class Body>
  uint32_t spawn(Body body) {
    if (threads_used_ == kThreadsMax) fail(Verdict::violated, "more threads than a run can have");
    if (threads_used_ == threads_.size()) threads_.push_back(std::make_unique<Thread>());
    Thread& made = *threads_[threads_used_];
    Thread* creator = current_;
    made.index = threads_used_++;
    made.body = new (arena(sizeof(Body), alignof(Body))) Body(std::move(body));
    made.call = [](void* of) { (*static_cast<Body*>(of))(); };
    made.engine = this;
    made.creator = creator;
    made.joiner = nullptr;
    made.fresh = creator != nullptr;
    made.done = false;
    made.next = {};
    memory_.begin_thread(made.mind, made.index, creator ? &creator->mind : nullptr);
    memory_.remember(made.mind);
    set_ready(made.index, true);
    ++alive_;
    made.fiber.start(made.stack, &Thread::main, &made);
    if (creator != nullptr) {
      if (strategy_ != nullptr) strategy_->spawned(creator->index, made.index);
      switch_to(made.index);
    }
    return made.index;
  }

  void join(uint32_t index) {
    Thread& self = *current_;
    Thread& other = *threads_[index];
    if (!other.done) {
      other.joiner = &self;
      set_ready(self.index, false);
      self.next = {.kind = Kind::join, .object = index};
      if (self.fresh) {
        hand_back(self);
      } else {
        switch_to(pick());
      }
      set_ready(self.index, true);
    }
    memory_.join_thread(self.mind, other.mind);
    if (strategy_ != nullptr) strategy_->joined(self.index, index);
  }

  [[noreturn]] void fail(Verdict verdict, const char* message) {
    outcome_ = {verdict, message, current_->index};
    leave();
  }

  // Memory of the run. It is freed only with the run, but may be given out again before, if the
  // seed says so: that is what makes ABA possible.
  void* allocate(size_t bytes) {
    for (HeapBlock** link = &freed_; *link != nullptr; link = &(*link)->next) {
      HeapBlock* block = *link;
      if (block->bytes != bytes) continue;
      if (branch(Site::heap, 2) == 0) break;
      *link = block->next;
      block->live = true;
      ++heap_live_;
      return block + 1;
    }
    auto* block = new (arena(sizeof(HeapBlock) + bytes, alignof(HeapBlock))) HeapBlock{bytes};
    ++heap_live_;
    return block + 1;
  }

  void release(void* memory) {
    HeapBlock* block = static_cast<HeapBlock*>(memory) - 1;
    if (!block->live) fail(Verdict::double_free, "memory was freed twice");
    block->live = false;
    block->next = freed_;
    freed_ = block;
    --heap_live_;
  }

  void begin_object(Location& location) noexcept {
    location.run = run_;
    location.id = objects_++;
  }
  void check_alive(const Location& location) {
    if (location.run != run_) {
      fail(Verdict::use_after_free, location.run == 0
                                        ? "an atomic was used after its memory was freed"
                                        : "an atomic was made outside of the run");
    }
  }
  uint32_t run_number() const noexcept { return run_; }
  uint32_t new_object() noexcept { return objects_++; }

  // Untyped memory until the end of the run.
  void* arena(size_t bytes, size_t align) {
    arena_used_ = round_up(arena_used_, align);
    while (arena_used_ + bytes > kArenaChunkBytes) {
      ++arena_chunk_;
      arena_used_ = 0;
    }
    if (bytes > kArenaChunkBytes) abort();
    while (arena_chunk_ >= arena_.size()) {
      arena_.push_back(
          std::make_unique<std::max_align_t[]>(kArenaChunkBytes / sizeof(std::max_align_t)));
    }
    std::byte* at = reinterpret_cast<std::byte*>(arena_[arena_chunk_].get()) + arena_used_;
    arena_used_ += bytes;
    return at;
  }

 private:
  struct Thread {
    Fiber fiber;
    Stack stack;
    Mind mind;
    Step next;
    uint32_t index = 0;
    bool fresh = false;  // on the way to its first step, while the creator waits
    bool done = false;
    Engine* engine = nullptr;
    Thread* creator = nullptr;
    Thread* joiner = nullptr;
    void* body = nullptr;
    void (*call)(void*) = nullptr;

    static void main(void* self) {
      Thread& thread = *static_cast<Thread*>(self);
      thread.fiber.entered();
      thread.call(thread.body);
      thread.engine->finish(thread);
    }
  };

  struct alignas(16) HeapBlock {
    size_t bytes;
    HeapBlock* next = nullptr;
    bool live = true;
  };

  static constexpr size_t kArenaChunkBytes = 256 * 1024;
  static inline thread_local Engine* current_engine = nullptr;

  static constexpr uint32_t bit(uint32_t thread) noexcept { return 1u << thread; }

  void begin(uint64_t seed, Strategy* strategy, std::span<const uint32_t> forced) {
    draws_ = seed;
    strategy_ = strategy;
    forced_ = forced;
    forced_at_ = 0;
    taken_.clear();
    outcome_ = {};
    if (++run_ == 0) run_ = 1;
    steps_ = objects_ = threads_used_ = alive_ = 0;
    set_all_ready(ready_, false);
    current_ = nullptr;
    alone_ = false;
    freed_ = nullptr;
    heap_live_ = 0;
    arena_chunk_ = arena_used_ = 0;
    memory_.forget_minds();
    memory_.begin(limits_.weak);
    if (strategy_ != nullptr) strategy_->begin(*this);
  }

  void go(Thread& thread) {
    Engine* outer = std::exchange(current_engine, this);
    current_ = &thread;
    current_->fiber.enter_from(host_);
    current_engine = outer;
  }

  [[noreturn]] void leave() {
    host_.enter_from(current_->fiber);
    abort();
  }

  // The thread has run up to its first step. Its creator goes on, and it waits for its turn.
  void hand_back(Thread& self) {
    self.fresh = false;
    switch_to(self.creator->index);
  }

  void finish(Thread& self) {
    if (alone_) fail(Verdict::violated, "a thread ended within a transaction");
    self.done = true;
    set_ready(self.index, false);
    if (--alive_ == 0) {
      if (limits_.check_leaks && heap_live_ > 0) fail(Verdict::leak, "memory was never freed");
      leave();
    }
    if (self.fresh) {
      switch_to(self.creator->index);
    } else if (self.joiner != nullptr) {
      switch_to(self.joiner->index);
    } else {
      switch_to(pick());
    }
    abort();
  }

  void switch_to(uint32_t index) noexcept {
    Thread& from = *current_;
    Thread& to = *threads_[index];
    current_ = &to;
    to.fiber.enter_from(from.fiber);
  }

  // Whether the prefix has an outcome left. What another strategy had asked itself is passed over.
  bool is_forced(Site site) noexcept {
    while (forced_at_ < forced_.size()) {
      Site next = Decision{forced_[forced_at_]}.site();
      if (next == site || (next != Site::priority && next != Site::change)) return true;
      ++forced_at_;
    }
    return false;
  }

  uint32_t pick() {
    if (ready_count_ > 1 && strategy_ == nullptr && forced_at_ == forced_.size()) {
      uint32_t chosen = ready_list_[draw_below(ready_count_)];
      taken_.add(Decision::of(Site::pick, ready_count_, chosen));
      return chosen;
    }
    return pick_among(ready_);
  }

  [[gnu::noinline]] uint32_t pick_alone() {
    uint32_t self = bit(current_->index);
    if ((ready_ & self) == 0) fail(Verdict::violated, "a transaction waits for another thread");
    return pick_among(self);
  }

  [[gnu::noinline]] uint32_t pick_among(uint32_t ready) {
    if (ready == 0) fail(Verdict::deadlock, "every thread waits");
    bool alone = (ready & (ready - 1)) == 0;
    if (alone && (strategy_ == nullptr || !strategy_->asked_always)) {
      return static_cast<uint32_t>(__builtin_ctz(ready));
    }
    uint32_t count = static_cast<uint32_t>(__builtin_popcount(ready));
    uint32_t chosen;
    if (!alone && is_forced(Site::pick)) {
      chosen = forced_pick(ready);
    } else if (strategy_ == nullptr) {
      chosen = nth_bit(ready, draw_below(count));
    } else {
      chosen = strategy_->pick(*this, ready);
    }
    if (alone) return chosen;
    taken_.add(Decision::of(Site::pick, count, chosen));
    return chosen;
  }

  uint32_t forced_pick(uint32_t ready) noexcept {
    Decision decision{forced_[forced_at_++]};
    if (decision.site() == Site::pick && decision.outcome() < kThreadsMax &&
        (ready & bit(decision.outcome())) != 0) {
      return decision.outcome();
    }
    return calmest(ready);
  }

 public:
  uint32_t calmest(uint32_t ready) const noexcept {
    if ((ready & bit(current_->index)) != 0) return current_->index;
    return static_cast<uint32_t>(__builtin_ctz(ready));
  }
  static uint32_t nth_bit(uint32_t set, uint32_t n) noexcept {
    for (; n > 0; --n) set &= set - 1;
    return static_cast<uint32_t>(__builtin_ctz(set));
  }

 private:
  Limits limits_;
  Outcome outcome_;
  Strategy* strategy_ = nullptr;
  Thread* current_ = nullptr;
  uint32_t ready_ = 0;  // a set of threads, and the same as a list
  uint32_t ready_count_ = 0;
  uint8_t ready_list_[kThreadsMax] = {};
  uint32_t steps_ = 0;
  uint64_t draws_ = 0;
  std::span<const uint32_t> forced_;
  size_t forced_at_ = 0;
  DecisionLog taken_;
  Question question_{};
  uint32_t answer_ = 0;
  bool parked_ = false;
  bool alone_ = false;
  WeakMemory memory_;
  Fiber host_;
  std::vector<std::unique_ptr<Thread>> threads_;
  uint32_t threads_used_ = 0;
  uint32_t alive_ = 0;
  uint32_t run_ = 0;
  uint32_t objects_ = 0;
  HeapBlock* freed_ = nullptr;
  uint32_t heap_live_ = 0;
  std::vector<std::unique_ptr<std::max_align_t[]>> arena_;
  size_t arena_chunk_ = 0;
  size_t arena_used_ = 0;
};

}  // namespace groundhog::sim
