#include "../port/backing.h"

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

}  // namespace
}  // namespace groundhog::test
