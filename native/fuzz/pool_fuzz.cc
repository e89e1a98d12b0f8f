// libFuzzer target: bytes are a sequence of calls on a pool, and a plain model says what each must
// answer. Wrong offsets are among them, second frees, and writes beyond the end of a block.
//
//   npm run native:fuzz -- 60        seconds; needs clang
//
// With `-DGROUNDHOG_FUZZ_BUG` every block is taken to be one byte longer than it is, which is found at
// once: the target can fail.

#include <cstdint>
#include <map>

#include "../pool/open_pool.h"

using namespace groundhog;

namespace {

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

struct Made {
  uint32_t bytes;
  uint8_t pattern;
};

// Reads numbers off the input; zeroes when it has ended.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), left_(size) {}
  bool is_empty() const { return left_ == 0; }
  uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  uint32_t word() { return byte() | static_cast<uint32_t>(byte()) << 8; }

 private:
  const uint8_t* data_;
  size_t left_;
};

class Run {
 public:
  explicit Run(Input input) : input_(input) {
    uint8_t options = input_.byte();
    PoolOptions made{.capacity_bytes = size_t{64} << 10};
    made.wiped = (options & 1) != 0;
    made.quarantine = options >> 1 & 3;
    made.secret = options >> 3;
    expect(open_pool(shelf_, made, pool_) == Fault::none);
    way_ = pool_->attach();
  }
  ~Run() {
    pool_->detach(way_);
    close_pool(shelf_, *pool_);
  }

  void all() {
    while (!input_.is_empty()) step();
    for (auto [offset, block] : live_) check_bytes(offset, block);
    size_t seen = 0;
    for (const LiveBlock& block : pool_->live_blocks()) {
      auto found = live_.find(block.offset);
      expect(found != live_.end() && found->second.bytes == block.bytes && block.intact);
      ++seen;
    }
    expect(seen == live_.size() && pool_->stats().live_blocks == live_.size());
  }

 private:
  void step() {
    switch (input_.byte() % 8) {
      case 0:
      case 1:
      case 2: return allocate();
      case 3:
      case 4: return free_one();
      case 5: return free_wrong();
      case 6: return overrun();
      default: return look();
    }
  }

  void allocate() {
    uint32_t bytes = input_.word() % 3000;
    Result<Offset> got = pool_->allocate(*way_, bytes, 1);
    if (bytes == 0) return expect(got.fault() == Fault::invalid_size);
    if (!got) return expect(got.fault() == Fault::out_of_memory);
    auto after = live_.lower_bound(*got);
    expect(after == live_.end() || *got + bytes <= after->first);
    expect(after == live_.begin() || std::prev(after)->first + std::prev(after)->second.bytes <= *got);
    std::byte* at = pool_->bytes() + *got;
    for (uint32_t n = 0; n < bytes; ++n) expect(at[n] == std::byte{0});
#ifdef GROUNDHOG_FUZZ_BUG
    ++bytes;
#endif
    Made made{bytes, static_cast<uint8_t>(++made_)};
    std::memset(at, made.pattern, bytes);
    live_[*got] = made;
  }

  void free_one() {
    if (live_.empty()) return;
    auto victim = any();
    check_bytes(victim->first, victim->second);
    expect(pool_->free(*way_, victim->first) == Fault::none);
    live_.erase(victim);
  }

  void free_wrong() {
    uint64_t offset = input_.word() * (input_.byte() % 2 == 0 ? 1 : 16);
    if (live_.count(static_cast<uint32_t>(offset)) != 0) return;
    expect(pool_->free(*way_, offset) != Fault::none);
  }

  // Writes one byte beyond the end, sees that the free is refused, and puts it back.
  void overrun() {
    if (live_.empty()) return;
    auto [offset, block] = *any();
    std::byte& beyond = pool_->bytes()[offset + block.bytes];
    beyond ^= std::byte{1};
    expect(pool_->free(*way_, offset) == Fault::corrupt);
    beyond ^= std::byte{1};
  }

  void look() {
    if (live_.empty()) return;
    auto [offset, block] = *any();
    Result<uint32_t> bytes = pool_->block_bytes(offset);
    expect(bytes && *bytes == block.bytes);
  }

  std::map<uint32_t, Made>::iterator any() {
    auto at = live_.begin();
    std::advance(at, input_.byte() % live_.size());
    return at;
  }

  void check_bytes(uint32_t offset, const Made& block) const {
    for (uint32_t n = 0; n < block.bytes; ++n) {
      expect(pool_->bytes()[offset + n] == static_cast<std::byte>(block.pattern));
    }
  }

  Input input_;
  Shelf shelf_;
  std::unique_ptr<Pool> pool_;
  Way* way_ = nullptr;
  uint32_t made_ = 0;
  std::map<uint32_t, Made> live_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Run(Input(data, size)).all();
  return 0;
}
