#include "../port/backing.h"

#include <sys/wait.h>

#include "../pool/store.h"
#include "check.h"
#include "faulty_kernel.h"

namespace groundhog::test {
namespace {

constexpr size_t kBytes = 1 << 20;

// Opens with the errors that are set, and answers with what was granted.
Backing::Grants granted(FaultyKernel& kernel, const BackingOptions& options) {
  Backing backing;
  check(Backing::open(kernel, options, kBytes, backing) == Fault::none, "there is memory");
  backing.span().start[kBytes - 1] = std::byte{1};
  return backing.grants();
}

bool is_refused(const Grant& grant, int error) {
  return grant.is == Grant::Is::refused && grant.error == error;
}

const bool grants = test("what is refused is said, with its error, and there is memory all the same",
                         [] {
  FaultyKernel kernel;
  kernel.errors.pin = ENOMEM;
  kernel.errors.bind = EINVAL;
  Backing::Grants got = granted(kernel, {.pinned = true, .bound = true, .node = 7});
  check(is_refused(got.pinned, ENOMEM), "pinning");
  check(is_refused(got.bound, EINVAL), "binding to a node");
  check(got.huge_pages.is == Grant::Is::not_asked, "nothing else was asked for");

  kernel.errors = {.memory_file = ENOSYS};
  check(is_refused(granted(kernel, {.kind = BackingOptions::Kind::memory_file}).memory_file, ENOSYS),
        "a file without a name");
  kernel.errors = {.truncate = EFBIG};
  check(is_refused(granted(kernel, {.kind = BackingOptions::Kind::memory_file}).memory_file, EFBIG),
        "one that cannot be made so large");

  kernel.errors = {.advise = ENOMEM};
  check(is_refused(granted(kernel, {.populated = true}).populated, ENOMEM), "pages at once");

  kernel.errors = {.map = ENOMEM, .advise = EINVAL};
  kernel.map_flags = MAP_HUGETLB;
  got = granted(kernel, {.huge_pages = true});
  check(is_refused(got.huge_pages, ENOMEM), "huge pages");
  check(is_refused(got.transparent_huge_pages, EINVAL), "and their replacement");
  kernel.errors = {.advise = EINVAL};
  got = granted(kernel, {.transparent_huge_pages = true});
  check(got.huge_pages.is == Grant::Is::not_asked, "no page was to be huge from the start");
  check(is_refused(got.transparent_huge_pages, EINVAL), "transparent ones alone");
  check(kernel.mappings == 0 && kernel.open_files == 0, "all of it was given back");
});

const bool none = test("without address space there is no memory, and nothing is left open", [] {
  FaultyKernel kernel;
  kernel.errors.map = ENOMEM;
  for (auto kind : {BackingOptions::Kind::anonymous, BackingOptions::Kind::memory_file}) {
    Backing backing;
    check(Backing::open(kernel, {.kind = kind}, kBytes, backing) == Fault::out_of_memory, "refused");
  }
  check(kernel.mappings == 0 && kernel.open_files == 0, "nothing is left open");
});

const bool files = test("a file that cannot be had is a fault, never memory in its place", [] {
  FaultyKernel kernel;
  char path[] = "/tmp/groundhog-backing-XXXXXX";
  ::close(mkstemp(path));
  BackingOptions options{.kind = BackingOptions::Kind::file, .path = path};
  auto open = [&](FaultyKernel::Errors errors) {
    kernel.errors = errors;
    Backing backing;
    return Backing::open(kernel, options, kBytes, backing);
  };
  check(open({.open = EACCES}) == Fault::no_file, "it may not be opened");
  check(open({.lock = EWOULDBLOCK}) == Fault::file_in_use, "another one has it");
  check(open({.extend = ENOSPC}) == Fault::no_file, "the disk is full");
  check(open({.map = ENOMEM}) == Fault::out_of_memory, "no address space");
  check(kernel.mappings == 0 && kernel.open_files == 0, "nothing is left open");
  check(open({}) == Fault::none, "on a good day it opens");
  kernel.errors = {.extend = ENOSPC};
  Store store;
  ::truncate(path, 0) == 0 ? void() : abort();
  check(Store::open(kernel, path, kBytes, store) == Fault::no_file, "nor is there a store");
  ::unlink(path);
});

const bool windows = test("through a window bytes are seen and not changed", [] {
  FaultyKernel kernel;
  {
    Backing backing;
    BackingOptions options{.kind = BackingOptions::Kind::memory_file};
    check(Backing::open(kernel, options, kBytes, backing) == Fault::none, "there is memory");
    std::byte* bytes = backing.span().start;
    Window copies;
    Window faults;
    check(backing.open_window(OnWrite::copies, copies) == Fault::none, "a window that copies");
    check(backing.open_window(OnWrite::faults, faults) == Fault::none, "one that faults");
    bytes[100] = std::byte{7};
    bytes[5000] = std::byte{8};
    check(copies.span().start[100] == std::byte{7}, "what was written since is seen");
    check(faults.span().start[100] == std::byte{7}, "through both");
    copies.span().start[100] = std::byte{9};
    check(bytes[100] == std::byte{7}, "a write stays with the writer");
    bytes[5000] = std::byte{1};
    check(copies.span().start[5000] == std::byte{1}, "and other pages go on to be seen");
    pid_t child = fork();
    if (child == 0) {
      signal(SIGSEGV, [](int) { _exit(9); });
      const_cast<volatile std::byte*>(faults.span().start)[100] = std::byte{9};
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 9, "the other one faults");
    check(bytes[100] == std::byte{7}, "and nothing was changed");
  }
  check(kernel.mappings == 0 && kernel.open_files == 0, "all of it was given back");
});

const bool no_windows = test("a window that cannot be had is a fault", [] {
  FaultyKernel kernel;
  {
    Backing plain;
    Window window;
    check(Backing::open(kernel, {}, kBytes, plain) == Fault::none, "there is memory");
    check(plain.open_window(OnWrite::copies, window) == Fault::no_file, "but no file behind it");
    Backing file;
    BackingOptions options{.kind = BackingOptions::Kind::memory_file};
    check(Backing::open(kernel, options, kBytes, file) == Fault::none, "there is memory");
    kernel.errors = {.map = ENOMEM};
    check(file.open_window(OnWrite::copies, window) == Fault::out_of_memory, "no address space");
    kernel.errors = {.protect = ENOMEM};
    check(file.open_window(OnWrite::faults, window) == Fault::out_of_memory, "no protection");
  }
  check(kernel.mappings == 0 && kernel.open_files == 0, "nothing is left open");
});

}  // namespace
}  // namespace groundhog::test
