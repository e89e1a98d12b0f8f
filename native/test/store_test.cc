#include "../pool/store.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <atomic>
#include <map>
#include <string>

#include "check.h"

namespace groundhog::test {
namespace {

constexpr size_t kCapacity = 256 * 1024;

// A file of its own, gone at the end.
struct Path {
  Path() {
    char name[] = "/tmp/groundhog-store-XXXXXX";
    int file = mkstemp(name);
    if (file >= 0) ::close(file);
    path = name;
  }
  ~Path() { ::unlink(path.c_str()); }
  std::string path;
};

Fault open(const Path& path, Store& store) {
  return Store::open(real_kernel(), path.path.c_str(), kCapacity, store);
}

std::vector<std::byte> bytes_of(uint64_t seed) {
  Random random(seed);
  std::vector<std::byte> bytes(1 + random.below(2000));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

// What a store should hold: for each id, the seed of its bytes.
using Model = std::map<BlockId, uint64_t>;

// The operation of that number, on the model and, if there is one, on the store.
void step(uint64_t seed, uint32_t number, Model& model, BlockId& next, Store* store) {
  Random random(seed * 1'000'003 + number);
  auto any = [&] {
    auto at = model.begin();
    std::advance(at, random.below(static_cast<uint32_t>(model.size())));
    return at;
  };
  uint32_t what = random.below(10);
  uint64_t content = random.next();
  if (model.empty() || (what < 5 && model.size() < 60)) {
    std::vector<std::byte> bytes = bytes_of(content);
    if (store != nullptr && !store->put(bytes, 1)) abort();
    model[next++] = content;
  } else if (what < 7) {
    auto at = any();
    std::vector<std::byte> bytes = bytes_of(content);
    if (store != nullptr && store->replace(at->first, bytes) != Fault::none) abort();
    at->second = content;
  } else if (what < 9) {
    auto at = any();
    if (store != nullptr && store->free(at->first) != Fault::none) abort();
    model.erase(at);
  } else if (store != nullptr) {
    store->move_last();
  }
}

bool equals(const Store& store, const Model& model) {
  if (store.ids().size() != model.size()) return false;
  for (auto [id, content] : model) {
    auto got = store.get(id);
    std::vector<std::byte> expected = bytes_of(content);
    if (!got || !std::equal(expected.begin(), expected.end(), (*got).begin(), (*got).end())) {
      return false;
    }
  }
  return true;
}

const bool reopened = test("a store that is opened again holds what was committed", [] {
  Path path;
  Model model;
  BlockId next = 1;
  for (uint32_t life = 0; life < 10; ++life) {
    Store store;
    check(open(path, store) == Fault::none, "it opens");
    check(equals(store, model), "it holds what it held");
    check(store.dropped() == 0 && store.holds(), "and nothing was torn");
    BlockId expected = 1;
    for (auto [id, content] : model) expected = std::max(expected, id + 1);
    next = expected;
    for (uint32_t number = 0; number < 200; ++number) step(life, number, model, next, &store);
    check(equals(store, model), "it does what it is told");
  }
});

// Each of 60 children is killed somewhere in some 100 operations of a few dozen stores each.
const bool killed = test("a store that is killed at any moment loses and tears nothing", [] {
  struct Progress {
    std::atomic<uint32_t> begun;
    std::atomic<uint32_t> done;
  };
  void* shared = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Progress& progress = *new (shared) Progress;
  uint32_t in_the_middle = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Path path;
    progress.begun = progress.done = 0;
    uint32_t target = 20 + Random(seed).below(80);
    pid_t child = fork();
    if (child == 0) {
      Store store;
      Model model;
      BlockId next = 1;
      if (open(path, store) != Fault::none) _exit(1);
      for (uint32_t number = 0;; ++number) {
        progress.begun = number + 1;
        step(seed, number, model, next, &store);
        progress.done = number + 1;
      }
    }
    while (progress.begun < target && waitpid(child, nullptr, WNOHANG) == 0) {
    }
    ::kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    check(progress.begun >= target, "the child got that far");
    Store store;
    check(open(path, store) == Fault::none, "it opens");
    check(store.holds(), "its ledger is whole");
    Model model;
    BlockId next = 1;
    for (uint32_t number = 0; number < progress.done; ++number) {
      step(seed, number, model, next, nullptr);
    }
    bool before = equals(store, model);
    if (progress.begun > progress.done) {
      ++in_the_middle;
      step(seed, progress.done, model, next, nullptr);
    }
    check(before || equals(store, model), "all of the operation that was under way, or nothing");
  }
  check(in_the_middle > 20, "most were killed in the middle of an operation");
  munmap(shared, sizeof(Progress));
});

const bool torn = test("a block whose bytes are not those of its front is dropped", [] {
  Path path;
  std::vector<std::byte> bytes(500, std::byte{7});
  size_t place;
  {
    Store store;
    open(path, store);
    BlockId first = *store.put(bytes, 1);
    store.put(bytes, 1).fault();
    (void)first;
    place = kPageBytes + 32 + 100;
  }
  FILE* file = std::fopen(path.path.c_str(), "r+");
  std::fseek(file, static_cast<long>(place), SEEK_SET);
  std::fputc(8, file);
  std::fclose(file);
  Store store;
  check(open(path, store) == Fault::none, "it opens");
  check(store.dropped() == 1 && !store.get(1) && store.get(2), "without the one that was changed");
});

const bool wrong_files = test("what is no store, or is in use, is refused", [] {
  Path path;
  FILE* file = std::fopen(path.path.c_str(), "w");
  std::fputs("something else", file);
  std::fclose(file);
  Store store;
  check(open(path, store) == Fault::corrupt, "another kind of file");
  Path other;
  Store first;
  Store second;
  check(open(other, first) == Fault::none, "the first to open it");
  check(open(other, second) == Fault::file_in_use, "the second");
  Store away;
  check(Store::open(real_kernel(), "/nowhere/store", kCapacity, away) == Fault::no_file, "no place");
  check(Store::open(real_kernel(), other.path.c_str(), 100, away) == Fault::invalid_size, "small");
});

const bool refused = test("ids that are not there, and blocks that do not fit, are refused", [] {
  Path path;
  Store store;
  open(path, store);
  check(store.get(1).fault() == Fault::invalid_offset, "no such block");
  check(store.free(1) == Fault::invalid_offset, "nothing to free");
  check(store.put({}, 0).fault() == Fault::invalid_size, "no bytes");
  std::vector<std::byte> large(kCapacity);
  check(store.put(large, 0).fault() != Fault::none, "more than there is");
  check(store.ids().empty() && store.holds(), "and nothing is left of them");
});

}  // namespace
}  // namespace groundhog::test
