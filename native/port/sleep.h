// A thread that sleeps until there is work, on a word that whoever has some sets and wakes. On
// RealSync the system wakes it; on SimSync the store itself does.

#pragma once

#include "sync.h"

namespace groundhog {

// Until the word is not 0: answers with it.
template <class Word>
uint32_t sleep_on(Word& word) noexcept {
  if constexpr (requires { word.wait(0u); }) {
    for (;;) {
      uint32_t value = word.load(kAcquire);
      if (value != 0) return value;
      word.wait(0u, kRelaxed);
    }
  } else {
    return word.await([](uint32_t value) { return value != 0; }, kAcquire);
  }
}

// After a store with release.
template <class Word>
void wake(Word& word) noexcept {
  if constexpr (requires { word.notify_all(); }) word.notify_all();
}

}  // namespace groundhog
