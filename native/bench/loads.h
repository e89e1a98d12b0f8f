// The loads under which allocators are compared. `Arm` is the allocator: alloc(bytes),
// free(pointer), and begin_thread() / end_thread() around each thread that uses it.

#pragma once

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

namespace groundhog::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The process's own time, of all its threads: what other processes take is not in it.
inline double own_seconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

inline size_t resident_bytes() {
  long pages = 0;
  long resident = 0;
  FILE* file = std::fopen("/proc/self/statm", "r");
  if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) std::abort();
  std::fclose(file);
  return static_cast<size_t>(resident) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<uint32_t>(state_ >> 32);
  }
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>((uint64_t{next()} * bound) >> 32); }

 private:
  uint64_t state_;
};

// Larson and Krishnan 1998, as in mimalloc-bench: each thread replaces random ones of 5,000 blocks
// of 8 to 1,000 bytes; after 500,000 replacements a new thread takes the array over, so that blocks
// are freed by other threads than made them. Answers with replacements a second.
template <class Arm>
double larson(uint32_t threads, double seconds) {
  constexpr uint32_t kSlots = 5000;
  constexpr uint32_t kReplacements = 500'000;
  struct Array {
    char* blocks[kSlots];
    Random random{0};
    uint64_t done = 0;
  };
  std::vector<Array> arrays(threads);
  std::atomic<bool> stop{false};
  auto life = [&](Array& array) {
    Arm::begin_thread();
    for (uint32_t at = 0; at < kReplacements && !stop.load(std::memory_order_relaxed); ++at) {
      uint32_t victim = array.random.below(kSlots);
      Arm::free(array.blocks[victim]);
      char* block = static_cast<char*>(Arm::alloc(8 + array.random.below(993)));
      block[0] = 'a';
      block[1] = 'b';
      array.blocks[victim] = block;
      ++array.done;
    }
    Arm::end_thread();
  };
  Arm::begin_thread();
  for (uint32_t at = 0; at < threads; ++at) {
    arrays[at].random = Random(at + 1);
    for (char*& block : arrays[at].blocks) {
      block = static_cast<char*>(Arm::alloc(8 + arrays[at].random.below(993)));
    }
  }
  auto start = Clock::now();
  double own_start = own_seconds();
  std::vector<std::thread> runners;
  for (Array& array : arrays) {
    runners.emplace_back([&] {
      while (!stop.load()) std::thread(life, std::ref(array)).join();
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop.store(true);
  for (std::thread& each : runners) each.join();
  // One thread waits for nobody: its own time is the better clock beside other processes.
  double took = threads == 1 ? own_seconds() - own_start : seconds_since(start);
  uint64_t done = 0;
  for (Array& array : arrays) {
    done += array.done;
    for (char* block : array.blocks) Arm::free(block);
  }
  Arm::end_thread();
  return static_cast<double>(done) / took;
}

// One thread makes blocks of 16 to 256 bytes, another frees them, through a ring of 4,096. Blocks a
// second.
template <class Arm>
double producer_consumer(double seconds) {
  constexpr uint32_t kRing = 4096;
  constexpr uint32_t kAtOnce = 64;
  static void* ring[kRing];
  alignas(64) static std::atomic<uint64_t> made{0};
  alignas(64) static std::atomic<uint64_t> freed{0};
  std::atomic<bool> stop{false};
  std::thread producer([&] {
    Arm::begin_thread();
    Random random(1);
    uint64_t at = 0;
    while (!stop.load(std::memory_order_relaxed)) {
      while (at + kAtOnce - freed.load(std::memory_order_acquire) > kRing) {
        if (stop.load(std::memory_order_relaxed)) break;
        sched_yield();
      }
      if (stop.load(std::memory_order_relaxed)) break;
      for (uint32_t n = 0; n < kAtOnce; ++n) {
        char* block = static_cast<char*>(Arm::alloc(16 + random.below(241)));
        block[0] = 'a';
        ring[at++ % kRing] = block;
      }
      made.store(at, std::memory_order_release);
    }
    stop.store(true);
    Arm::end_thread();
  });
  std::thread consumer([&] {
    Arm::begin_thread();
    uint64_t at = 0;
    for (;;) {
      uint64_t end = made.load(std::memory_order_acquire);
      if (at == end) {
        if (stop.load(std::memory_order_acquire) && made.load() == at) break;
        sched_yield();
      }
      while (at < end) Arm::free(ring[at++ % kRing]);
      freed.store(at, std::memory_order_release);
    }
    Arm::end_thread();
  });
  auto start = Clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop.store(true);
  producer.join();
  consumer.join();
  return static_cast<double>(made.load()) / seconds_since(start);
}

// xmalloc-test (Lever and Boreham 2000), as in mimalloc-bench: one thread fills batches of 4,096
// blocks of 64 bytes, another takes whole batches off a locked list and frees them. Frees a second.
template <class Arm>
double cross_free(double seconds) {
  constexpr uint32_t kBatch = 4096;
  constexpr uint32_t kBatchesMax = 100;
  struct Batch {
    Batch* next;
    void* blocks[kBatch];
  };
  std::mutex mutex;
  Batch* first = nullptr;
  uint32_t waiting = 0;
  std::atomic<bool> stop{false};
  uint64_t frees = 0;
  std::thread maker([&] {
    Arm::begin_thread();
    while (!stop.load(std::memory_order_relaxed)) {
      {
        std::unique_lock held(mutex);
        if (waiting >= kBatchesMax) {
          held.unlock();
          sched_yield();
          continue;
        }
      }
      auto* batch = static_cast<Batch*>(Arm::alloc(sizeof(Batch)));
      for (void*& block : batch->blocks) {
        block = Arm::alloc(64);
        std::memset(block, 'b', 64);
      }
      std::lock_guard held(mutex);
      batch->next = first;
      first = batch;
      ++waiting;
    }
    Arm::end_thread();
  });
  std::thread releaser([&] {
    Arm::begin_thread();
    for (;;) {
      Batch* batch = nullptr;
      {
        std::lock_guard held(mutex);
        batch = first;
        if (batch != nullptr) {
          first = batch->next;
          --waiting;
        }
      }
      if (batch == nullptr) {
        if (stop.load(std::memory_order_relaxed)) break;
        sched_yield();
        continue;
      }
      for (void* block : batch->blocks) Arm::free(block);
      Arm::free(batch);
      if (!stop.load(std::memory_order_relaxed)) frees += kBatch + 1;
    }
    Arm::end_thread();
  });
  auto start = Clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop.store(true);
  double took = seconds_since(start);
  maker.join();
  releaser.join();
  return static_cast<double>(frees) / took;
}

struct Mixed {
  double nanoseconds;   // a replacement
  double memory_ratio;  // resident above the start, over the bytes that are live
};

// 100,000 live blocks of 16 to 1,024 bytes; a random one is replaced by one of another size, and
// all of its bytes are written.
template <class Arm>
Mixed mixed(double seconds) {
  constexpr uint32_t kLive = 100'000;
  static void* blocks[kLive];
  static uint16_t sizes[kLive];
  std::memset(blocks, 1, sizeof(blocks));
  std::memset(sizes, 1, sizeof(sizes));
  Random random(7);
  Arm::begin_thread();
  size_t before = resident_bytes();
  size_t live = 0;
  auto make = [&](uint32_t at) {
    uint32_t bytes = 16 + random.below(1009);
    blocks[at] = Arm::alloc(bytes);
    std::memset(blocks[at], 'a', bytes);
    sizes[at] = static_cast<uint16_t>(bytes);
    live += bytes;
  };
  for (uint32_t at = 0; at < kLive; ++at) make(at);
  auto replace = [&](uint32_t times) {
    for (uint32_t n = 0; n < times; ++n) {
      uint32_t at = random.below(kLive);
      live -= sizes[at];
      Arm::free(blocks[at]);
      make(at);
    }
  };
  replace(10 * kLive);
  double start = own_seconds();
  uint64_t done = 0;
  while (own_seconds() - start < seconds) {
    replace(10'000);
    done += 10'000;
  }
  double took = own_seconds() - start;
  size_t after = resident_bytes();
  for (void* block : blocks) Arm::free(block);
  Arm::end_thread();
  return {took / static_cast<double>(done) * 1e9,
          static_cast<double>(after - before) / static_cast<double>(live)};
}

// A block of 64 bytes, made, touched and freed. Nanoseconds.
template <class Arm>
double pair(double seconds) {
  Arm::begin_thread();
  uint64_t done = 0;
  double start = own_seconds();
  while (own_seconds() - start < seconds) {
    for (uint32_t n = 0; n < 10'000; ++n) {
      void* block = Arm::alloc(64);
      *static_cast<volatile char*>(block) = 'a';
      Arm::free(block);
    }
    done += 10'000;
  }
  double took = own_seconds() - start;
  Arm::end_thread();
  return took / static_cast<double>(done) * 1e9;
}

// Two threads, each with 500 live blocks of 1 to 64 KiB, of which a random one is replaced.
// Replacements a second.
template <class Arm>
double medium(double seconds) {
  constexpr uint32_t kLive = 500;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> done{0};
  auto life = [&](uint64_t seed) {
    Arm::begin_thread();
    Random random(seed);
    std::vector<char*> blocks(kLive);
    auto make = [&] {
      uint32_t bytes = 1024 + random.below(63 * 1024);
      char* block = static_cast<char*>(Arm::alloc(bytes));
      block[0] = block[bytes - 1] = 'a';
      return block;
    };
    for (char*& block : blocks) block = make();
    uint64_t mine = 0;
    while (!stop.load(std::memory_order_relaxed)) {
      for (uint32_t n = 0; n < 100; ++n) {
        char*& block = blocks[random.below(kLive)];
        Arm::free(block);
        block = make();
      }
      mine += 100;
    }
    done += mine;
    for (char* block : blocks) Arm::free(block);
    Arm::end_thread();
  };
  auto start = Clock::now();
  std::thread one(life, 1);
  std::thread two(life, 2);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop.store(true);
  one.join();
  two.join();
  return static_cast<double>(done.load()) / seconds_since(start);
}

// Runs the load that is named and prints its numbers.
template <class Arm>
int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const char* load = argv[1];
  double seconds = std::atof(argv[2]);
  auto is = [&](const char* name) { return std::strcmp(load, name) == 0; };
  if (is("larson-1")) {
    std::printf("%.6g\n", larson<Arm>(1, seconds));
  } else if (is("larson-2")) {
    std::printf("%.6g\n", larson<Arm>(2, seconds));
  } else if (is("producer-consumer")) {
    std::printf("%.6g\n", producer_consumer<Arm>(seconds));
  } else if (is("cross-free")) {
    std::printf("%.6g\n", cross_free<Arm>(seconds));
  } else if (is("mixed")) {
    Mixed result = mixed<Arm>(seconds);
    std::printf("%.6g %.6g\n", result.nanoseconds, result.memory_ratio);
  } else if (is("pair")) {
    std::printf("%.6g\n", pair<Arm>(seconds));
  } else if (is("medium")) {
    std::printf("%.6g\n", medium<Arm>(seconds));
  } else {
    return 2;
  }
  return 0;
}

}  // namespace groundhog::bench
