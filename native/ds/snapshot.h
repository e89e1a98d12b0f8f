// Wait-free snapshot: one cell a thread, and a view of all cells as they were at one moment (Afek,
// Attiya, Dolev, Gafni, Merritt and Shavit 1993).
//
// A cell points to a record, which never changes: its value, and the view that its writer took just
// before writing it. Who looks collects all cells twice. When nothing moved, that is the view, exact
// at any moment between the two. A cell that is seen to move twice was written by an update that
// began after this look did: the view in its record was taken meanwhile, and is borrowed. So after at
// most kCells + 2 collects there is an answer.
//
// Everything is seq_cst: two who look must not see two updates in different orders. Records are freed
// by epochs.

#pragma once

#include <array>

#include "epochs.h"

namespace groundhog {

template <Sync S, uint32_t kCells>
class Snapshot {
 public:
  using View = std::array<uint64_t, kCells>;
  struct Record {
    typename S::template Plain<uint64_t> value;
    typename S::template Plain<View> view;
    typename S::template Plain<Record*> next_retired;
  };

  Snapshot() {
    for (auto& cell : cells_) cell.store(make(0, View{}), kRelaxed);
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  // While no other thread uses it.
  ~Snapshot() {
    for (auto& cell : cells_) S::destroy(cell.load(kRelaxed));
  }

  // A cell has one writer.
  void update(uint32_t cell, uint64_t value) {
    epochs_.enter();
    Record* before = cells_[cell].exchange(make(value, look_inside()), kSeqCst);
    epochs_.retire(before);
    epochs_.leave();
  }

  View look() {
    epochs_.enter();
    View view = look_inside();
    epochs_.leave();
    return view;
  }

 private:
  using Records = std::array<Record*, kCells>;

  static Record* make(uint64_t value, const View& view) {
    Record* record = S::template make<Record>();
    record->value = value;
    record->view = view;
    return record;
  }

  Records collect() {
    Records records;
    for (uint32_t cell = 0; cell < kCells; ++cell) records[cell] = cells_[cell].load(kSeqCst);
    return records;
  }

  View look_inside() {
    std::array<bool, kCells> moved{};
    Records before = collect();
    for (;;) {
      Records now = collect();
      bool same = true;
      for (uint32_t cell = 0; cell < kCells; ++cell) {
        if (now[cell] == before[cell]) continue;
        if (moved[cell]) return now[cell]->view;
        moved[cell] = true;
        same = false;
      }
      if (same) {
        View view;
        for (uint32_t cell = 0; cell < kCells; ++cell) view[cell] = now[cell]->value;
        return view;
      }
      before = now;
    }
  }

  Epochs<S, Record> epochs_;
  std::array<typename S::template Atomic<Record*>, kCells> cells_;
};

}  // namespace groundhog
