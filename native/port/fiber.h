// Fibers: several stacks in one thread, and the step from one to another.
//
// On x86-64 and AArch64 a step saves the callee-saved registers on the stack that is left and loads
// those of the stack that is entered; elsewhere ucontext does it, a hundred times slower. It ends
// in a jump, not in a return, since a return would be mispredicted each time.
//
// - No exception crosses a step, and nothing that runs on a fiber may call into JavaScript: V8
//   checks the stack pointer against its own thread's stack.
// - A fiber that is left for good is simply entered anew at its start. Its frames are not unwound,
//   so what lives on them must need no destructor.
// - AddressSanitizer and ThreadSanitizer are told of every step.

#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "../core/units.h"

#if defined(__SANITIZE_ADDRESS__)
#define GROUNDHOG_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GROUNDHOG_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define GROUNDHOG_TSAN 1
#endif

#if GROUNDHOG_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if GROUNDHOG_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#if defined(__x86_64__)
// Entered with %rbp the argument and the function on top of the stack, as `Fiber::start` laid them.
asm(R"(
.pushsection .text.groundhog_fiber,"axG",@progbits,groundhog_fiber,comdat
.weak groundhog_enter
.hidden groundhog_enter
.type groundhog_enter,@function
groundhog_enter:
  popq %rbx
  movq %rbp, %rdi
  callq *%rbx
  ud2
.size groundhog_enter,.-groundhog_enter
.popsection
)");
extern "C" void groundhog_enter();

// In place, so that the compiler saves what is alive and no more, and no call or return unsettles
// the return predictor. The 128 bytes are the red zone, which a push would overwrite.
[[gnu::always_inline]] inline void groundhog_step(void** left, void* entered) {
  asm volatile(
      "leaq 1f(%%rip), %%rax\n"
      "subq $128, %%rsp\n"
      "pushq %%rbp\n"
      "pushq %%rax\n"
      "movq %%rsp, (%0)\n"
      "movq %1, %%rsp\n"
      "popq %%rax\n"
      "popq %%rbp\n"
      "notrack jmp *%%rax\n"
      "1: addq $128, %%rsp\n"
      : "+D"(left), "+S"(entered)
      :
      : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0",
        "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
        "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc");
}
#elif defined(__aarch64__)
asm(R"(
.pushsection .text.groundhog_fiber,"axG",@progbits,groundhog_fiber,comdat
.weak groundhog_step
.hidden groundhog_step
.type groundhog_step,@function
groundhog_step:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  br x30
.size groundhog_step,.-groundhog_step
.weak groundhog_enter
.hidden groundhog_enter
.type groundhog_enter,@function
groundhog_enter:
  mov x0, x20
  blr x19
  brk #1
.size groundhog_enter,.-groundhog_enter
.popsection
)");
extern "C" void groundhog_step(void** left, void* entered);
extern "C" void groundhog_enter();
#else
#define GROUNDHOG_UCONTEXT 1
#include <ucontext.h>
#endif

namespace groundhog {

// A stack with an unmapped page below it, so that an overflow is a fault and no silent damage.
class Stack {
 public:
  static constexpr size_t kBytes = 64 * 1024;

  Stack() {
    void* mapped = mmap(nullptr, kBytes + kPageBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) abort();
    mprotect(mapped, kPageBytes, PROT_NONE);
    bottom_ = static_cast<std::byte*>(mapped) + kPageBytes;
  }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  ~Stack() {
#if GROUNDHOG_ASAN
    // What is mapped here next is no stack any more.
    __asan_unpoison_memory_region(bottom_, kBytes);
#endif
    munmap(bottom_ - kPageBytes, kBytes + kPageBytes);
  }

  std::byte* bottom() const noexcept { return bottom_; }
  std::byte* top() const noexcept { return bottom_ + kBytes; }

 private:
  std::byte* bottom_;
};

class Fiber {
 public:
  using Body = void (*)(void* argument);

  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
#if GROUNDHOG_TSAN
  ~Fiber() {
    if (stack_ != nullptr && tsan_ != nullptr) __tsan_destroy_fiber(tsan_);
  }
#endif

  // The next step to this fiber calls body(argument) on `stack`. `body` must never return.
  void start(Stack& stack, Body body, void* argument) noexcept {
    stack_ = &stack;
#if GROUNDHOG_ASAN
    __asan_unpoison_memory_region(stack.bottom(), Stack::kBytes);
    asan_frames_ = nullptr;
#endif
#if GROUNDHOG_TSAN
    if (tsan_ != nullptr) __tsan_destroy_fiber(tsan_);
    tsan_ = __tsan_create_fiber(0);
#endif
#if GROUNDHOG_UCONTEXT
    body_ = body;
    argument_ = argument;
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack.bottom();
    context_.uc_stack.ss_size = Stack::kBytes;
    context_.uc_link = nullptr;
    uintptr_t self = reinterpret_cast<uintptr_t>(this);
    makecontext(&context_, reinterpret_cast<void (*)()>(enter), 2,
                static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
#else
    // The stack pointer is a multiple of 16 before a call, on both machines.
    void** frame = reinterpret_cast<void**>(stack.top()) - kFrameWords;
    frame[kBodyWord] = reinterpret_cast<void*>(body);
    frame[kArgumentWord] = argument;
    frame[kReturnWord] = reinterpret_cast<void*>(groundhog_enter);
    pointer_ = frame;
#endif
  }

  // Leaves `from`, which is running, and enters this fiber where it last stopped.
  void enter_from(Fiber& from) noexcept {
#if GROUNDHOG_ASAN
    const void* bottom = stack_ ? stack_->bottom() : host_bottom_;
    size_t bytes = stack_ ? Stack::kBytes : host_bytes_;
    __sanitizer_start_switch_fiber(&from.asan_frames_, bottom, bytes);
    previous_ = &from;
#endif
#if GROUNDHOG_TSAN
    if (from.stack_ == nullptr) from.tsan_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(tsan_, 0);
#endif
#if GROUNDHOG_UCONTEXT
    swapcontext(&from.context_, &context_);
#else
    groundhog_step(&from.pointer_, pointer_);
#endif
    from.entered();
  }

  // A body calls it first.
  void entered() noexcept {
#if GROUNDHOG_ASAN
    const void* bottom = nullptr;
    size_t bytes = 0;
    __sanitizer_finish_switch_fiber(asan_frames_, &bottom, &bytes);
    if (previous_ != nullptr && previous_->stack_ == nullptr) {
      previous_->host_bottom_ = bottom;
      previous_->host_bytes_ = bytes;
    }
#endif
  }

 private:
#if defined(__x86_64__)
  static constexpr size_t kFrameWords = 5;  // where to jump, %rbp, the function, padding
  static constexpr size_t kReturnWord = 0;
  static constexpr size_t kArgumentWord = 1;
  static constexpr size_t kBodyWord = 2;
#elif defined(__aarch64__)
  static constexpr size_t kFrameWords = 20;
  static constexpr size_t kBodyWord = 0;
  static constexpr size_t kArgumentWord = 1;
  static constexpr size_t kReturnWord = 11;
#endif

  Stack* stack_ = nullptr;  // none: the thread's own stack
#if GROUNDHOG_UCONTEXT
  static void enter(unsigned high, unsigned low) {
    auto* self = reinterpret_cast<Fiber*>(static_cast<uintptr_t>(high) << 32 | low);
    self->body_(self->argument_);
  }

  ucontext_t context_;
  Body body_ = nullptr;
  void* argument_ = nullptr;
#else
  void* pointer_ = nullptr;
#endif
#if GROUNDHOG_ASAN
  void* asan_frames_ = nullptr;
  Fiber* previous_ = nullptr;
  const void* host_bottom_ = nullptr;
  size_t host_bytes_ = 0;
#endif
#if GROUNDHOG_TSAN
  void* tsan_ = nullptr;
#endif
};

}  // namespace groundhog
