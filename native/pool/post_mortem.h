// What a process says of its recorded pools when a signal ends it: which signal, where the address
// is that it was about, how full the pools are, what was last asked of them, and the stack.
//
// The handler calls nothing but what POSIX allows there, takes no lock and allocates nothing. What
// it reads of a pool may be in motion, so what is surest comes first: a second fault, or five
// seconds, end the process with what has been written until then.
//
// Who had the signal before is asked first: V8 turns faults of WebAssembly into errors, and such a
// one ends nothing. A signal that ends the process does so as it would have without this.

#pragma once

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <ucontext.h>
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#define GROUNDHOG_HAS_BACKTRACE 1
#endif

#include <iterator>

#include "../core/plain_writer.h"
#include "pool.h"

namespace groundhog {

// The pools that are recorded. Beyond so many, further ones are not told of.
class Census {
 public:
  static constexpr uint32_t kPoolsMax = 64;

  static void add(Pool& pool) noexcept { replace(nullptr, &pool); }
  static void remove(Pool& pool) noexcept { replace(&pool, nullptr); }
  static Pool* at(uint32_t slot) noexcept { return slots_[slot].load(std::memory_order_acquire); }

 private:
  static void replace(Pool* from, Pool* to) noexcept {
    for (std::atomic<Pool*>& slot : slots_) {
      Pool* expected = from;
      if (slot.compare_exchange_strong(expected, to, std::memory_order_acq_rel)) return;
    }
  }

  static inline std::atomic<Pool*> slots_[kPoolsMax] = {};
};

class PostMortem {
 public:
  static constexpr size_t kPathBytesMax = 1024;

  // The report will be written to `path`, over what is there. False when the path is too long.
  // A second call changes the path alone.
  static bool enable(const char* path) noexcept {
    size_t bytes = std::strlen(path) + 1;
    if (bytes > kPathBytesMax) return false;
    std::memcpy(path_, path, bytes);
    if (std::exchange(enabled_, true)) return true;
#ifdef GROUNDHOG_HAS_BACKTRACE
    void* frame[1];
    backtrace(frame, 1);  // the first call loads a library, which a handler may not
#endif
    // A stack that overflowed holds no handler.
    stack_t stack = {};
    stack.ss_sp = stack_;
    stack.ss_size = sizeof(stack_);
    sigaltstack(&stack, nullptr);
    struct sigaction action = {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (size_t each = 0; each < std::size(kSignals); ++each) {
      sigaction(kSignals[each].number, &action, &previous_[each]);
    }
    return true;
  }

  // The same for an end that is no signal's: `reason` is its first line.
  static void write(const char* reason) noexcept {
    if (!enabled_) return;
    int file = open_report();
    if (file < 0) return;
    {
      PlainWriter out(file);
      out << reason;
      tell_time(out);
      tell_pools(out);
    }
    ::close(file);
  }

 private:
  struct Signal {
    int number;
    const char* name;
  };
  static constexpr Signal kSignals[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},
                                        {SIGILL, "SIGILL"},   {SIGFPE, "SIGFPE"},
                                        {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"}};
  static constexpr int kFramesMax = 64;
  static constexpr unsigned kSecondsMax = 5;

  static void on_signal(int number, siginfo_t* info, void* context) noexcept {
    size_t which = 0;
    while (kSignals[which].number != number) ++which;
    if (was_handled(previous_[which], number, info, context)) return;
    // A pool that was cut off while it changed may lead in circles.
    signal(SIGALRM, SIG_DFL);
    alarm(kSecondsMax);
    int file = open_report();
    if (file >= 0) {
      {
        PlainWriter out(file);
        out << kSignals[which].name;
        bool is_fault = info->si_code > 0 && (number == SIGSEGV || number == SIGBUS);
        if (is_fault) tell_place(out, static_cast<const std::byte*>(info->si_addr));
        tell_time(out);
        tell_pools(out);
        out << "stack\n";
      }
#ifdef GROUNDHOG_HAS_BACKTRACE
      void* frames[kFramesMax];
      backtrace_symbols_fd(frames, backtrace(frames, kFramesMax), file);
#endif
      ::close(file);
    }
    // A fault happens again on the way back; what was sent has to be sent again.
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    sigaction(number, &standard, nullptr);
    if (info->si_code <= 0) raise(number);
  }

  // Whether the handler before ours made it possible to go on: it moves the instruction pointer.
  static bool was_handled(const struct sigaction& before, int number, siginfo_t* info,
                          void* context) noexcept {
    bool is_handler = (before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr;
    if (!is_handler || info->si_code <= 0) return false;
    uint64_t at = instruction(context);
    before.sa_sigaction(number, info, context);
    return instruction(context) != at;
  }

  static uint64_t instruction(void* context) noexcept {
    const ucontext_t& machine = *static_cast<const ucontext_t*>(context);
#if defined(__x86_64__)
    return static_cast<uint64_t>(machine.uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
    return machine.uc_mcontext.pc;
#else
    (void)machine;
    return 0;
#endif
  }

  static int open_report() noexcept {
    return ::open(path_, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  }

  static void tell_time(PlainWriter& out) noexcept {
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    out << "\nat " << static_cast<uint64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000
        << " ms since 1970\n";
    out.flush();
  }

  // Places are told as offsets, as everywhere.
  static void tell_place(PlainWriter& out, const std::byte* address) noexcept {
    for (uint32_t slot = 0; slot < Census::kPoolsMax; ++slot) {
      const Pool* pool = Census::at(slot);
      if (pool == nullptr || address < pool->bytes()) continue;
      size_t offset = static_cast<size_t>(address - pool->bytes());
      if (offset >= pool->capacity_bytes()) continue;
      out << " at offset " << offset << " of pool " << slot;
      return;
    }
    out << " outside of all recorded pools";
  }

  static void tell_pools(PlainWriter& out) noexcept {
    for (uint32_t slot = 0; slot < Census::kPoolsMax; ++slot) {
      Pool* pool = Census::at(slot);
      if (pool == nullptr) continue;
      out << "pool " << slot << ": " << pool->capacity_bytes() << " bytes\n";
      for (uint32_t back = 0; back < Recorder::kOperations; ++back) {
        tell_operation(out, pool->recorder().back(back));
      }
      out.flush();
      out << "  in use, in tenths of each 64th: ";
      uint8_t tenths[Pool::kSketchCells] = {};
      pool->sketch(tenths);
      for (uint8_t tenth : tenths) out.put(tenth == 0 ? '.' : static_cast<char>('0' + tenth));
      out << "\n";
      out.flush();
    }
  }

  static void tell_operation(PlainWriter& out, const Operation& operation) noexcept {
    if (operation.kind == Operation::Kind::none) return;
    bool allocated = operation.kind == Operation::Kind::allocate;
    out << (allocated ? "  allocate " : "  free ");
    if (allocated) out << operation.bytes << " bytes, tag " << operation.tag << ", ";
    if (operation.fault != Fault::none) {
      out << "refused with fault " << static_cast<uint64_t>(-static_cast<int32_t>(operation.fault));
      out << (allocated ? "" : ", ");
    }
    if (!allocated || operation.fault == Fault::none) out << "at " << operation.offset;
    out << "\n";
  }

  static inline bool enabled_ = false;
  static inline char path_[kPathBytesMax] = {};
  static inline struct sigaction previous_[std::size(kSignals)] = {};
  alignas(16) static inline char stack_[64 * 1024] = {};
};

}  // namespace groundhog
