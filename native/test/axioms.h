// The executions of a litmus program, from the axioms of the memory model and nothing else: every
// choice of whom each load reads from and in which order each location was written, kept when it is
// consistent. It shares no code with the engine, and is as slow as it looks.
//
// The axioms are those of C++20 [intro.races] and [atomics.order], in the form of Lahav et al.,
// "Repairing Sequential Consistency in C/C++11", PLDI 2017:
//
// - coherence: nothing both happens before and is eco-after (eco: rf, mo and fr, chained)
// - atomicity: a read-modify-write directly follows in mo what it read
// - no thin air: sb and rf make no cycle; as in the engine, neither do sb, rf and the order S

#pragma once

#include <algorithm>
#include <functional>

#include "litmus.h"

namespace groundhog::test {

class Axioms {
 public:
  explicit Axioms(const Program& program) : program_(program) {
    for (uint32_t at = 0; at < ProgramRoot::kLocations; ++at) {
      events_.push_back({kInit, 0, {Op::Kind::store, Order::relaxed, at}});
    }
    for (uint32_t thread = 0; thread < program.size(); ++thread) {
      for (size_t place = 0; place < program[thread].size(); ++place) {
        events_.push_back({thread, place, program[thread][place]});
      }
    }
  }

  Graphs all() {
    from_.assign(events_.size(), 0);
    choose_reads(0);
    return graphs_;
  }

 private:
  static constexpr uint32_t kInit = UINT32_MAX;

  struct Event {
    uint32_t thread;
    size_t place;
    Op op;

    bool may_read() const {
      return op.kind == Op::Kind::load || op.kind == Op::Kind::add || op.kind == Op::Kind::cas;
    }
    bool may_write() const {
      return op.kind == Op::Kind::store || op.kind == Op::Kind::add || op.kind == Op::Kind::cas;
    }
  };

  // A relation between events, as a matrix.
  class Relation {
   public:
    explicit Relation(size_t events) : rows_(events, std::vector<bool>(events)) {}
    void add(size_t a, size_t b) { rows_[a][b] = true; }
    bool has(size_t a, size_t b) const { return rows_[a][b]; }
    Relation closed() const {
      Relation result = *this;
      size_t n = rows_.size();
      for (size_t via = 0; via < n; ++via) {
        for (size_t a = 0; a < n; ++a) {
          if (!result.rows_[a][via]) continue;
          for (size_t b = 0; b < n; ++b) {
            if (result.rows_[via][b]) result.rows_[a][b] = true;
          }
        }
      }
      return result;
    }
    bool has_cycle() const {
      Relation closure = closed();
      for (size_t at = 0; at < rows_.size(); ++at) {
        if (closure.has(at, at)) return true;
      }
      return false;
    }

   private:
    std::vector<std::vector<bool>> rows_;
  };

  void choose_reads(size_t at) {
    if (at == events_.size()) {
      if (evaluate()) choose_orders(0);
      return;
    }
    if (!events_[at].may_read()) {
      choose_reads(at + 1);
      return;
    }
    for (size_t from = 0; from < events_.size(); ++from) {
      bool same = events_[from].op.location == events_[at].op.location;
      if (from == at || !same || !events_[from].may_write()) continue;
      from_[at] = from;
      choose_reads(at + 1);
    }
  }

  bool sb(size_t a, size_t b) const {
    if (events_[a].thread == kInit) return events_[b].thread != kInit;
    return events_[a].thread == events_[b].thread && events_[a].place < events_[b].place;
  }

  // Values follow from the reads; false when some read depends on itself or reads no write.
  bool evaluate() {
    size_t n = events_.size();
    values_.assign(n, 0);
    writes_.assign(n, false);
    Relation order(n);
    for (size_t a = 0; a < n; ++a) {
      for (size_t b = 0; b < n; ++b) {
        if (sb(a, b)) order.add(a, b);
      }
      if (events_[a].may_read()) order.add(from_[a], a);
    }
    if (order.has_cycle()) return false;
    Relation before = order.closed();
    std::vector<size_t> sequence(n);
    for (size_t at = 0; at < n; ++at) sequence[at] = at;
    std::stable_sort(sequence.begin(), sequence.end(), [&](size_t a, size_t b) {
      return predecessors(before, a) < predecessors(before, b);
    });
    for (size_t at : sequence) {
      const Op& op = events_[at].op;
      uint32_t read = events_[at].may_read() ? values_[from_[at]] : 0;
      bool swaps = op.kind == Op::Kind::cas && read == op.expected;
      writes_[at] = op.kind == Op::Kind::store || op.kind == Op::Kind::add || swaps;
      values_[at] = op.kind == Op::Kind::add ? read + op.value : op.value;
    }
    for (size_t at = 0; at < n; ++at) {
      if (events_[at].may_read() && !writes_[from_[at]]) return false;
    }
    return true;
  }

  size_t predecessors(const Relation& before, size_t at) const {
    size_t count = 0;
    for (size_t other = 0; other < events_.size(); ++other) count += before.has(other, at);
    return count;
  }

  void choose_orders(uint32_t location) {
    if (location == 0) orders_.assign(ProgramRoot::kLocations, {});
    if (location == ProgramRoot::kLocations) {
      if (consistent()) graphs_.insert(graph());
      return;
    }
    std::vector<size_t> writes;
    for (size_t at = 0; at < events_.size(); ++at) {
      bool here = events_[at].op.location == location && events_[at].op.kind != Op::Kind::fence;
      if (here && writes_[at] && events_[at].thread != kInit) writes.push_back(at);
    }
    do {
      orders_[location] = writes;
      orders_[location].insert(orders_[location].begin(), location);  // the first store
      choose_orders(location + 1);
    } while (std::next_permutation(writes.begin(), writes.end()));
  }

  bool reads(size_t at) const { return events_[at].may_read(); }
  bool is_fence(size_t at) const { return events_[at].op.kind == Op::Kind::fence; }
  bool is_update(size_t at) const { return reads(at) && writes_[at]; }
  Order order_of(size_t at) const {
    const Op& op = events_[at].op;
    if (op.kind != Op::Kind::cas || writes_[at]) return op.order;
    return op.order == Order::acq_rel   ? Order::acquire  // the failed one is a load
           : op.order == Order::release ? Order::relaxed
                                        : op.order;
  }
  bool is_seq_cst(size_t at) const {
    return events_[at].thread != kInit && order_of(at) == Order::seq_cst;
  }
  bool does_release(size_t at) const { return sim::releases(order_of(at)); }
  bool does_acquire(size_t at) const { return sim::acquires(order_of(at)); }

  bool consistent() const {
    size_t n = events_.size();
    Relation mo(n);
    for (const std::vector<size_t>& order : orders_) {
      for (size_t a = 0; a < order.size(); ++a) {
        for (size_t b = a + 1; b < order.size(); ++b) mo.add(order[a], order[b]);
        if (a > 0 && is_update(order[a]) && from_[order[a]] != order[a - 1]) return false;
      }
    }

    Relation happens(n);
    for (size_t a = 0; a < n; ++a) {
      for (size_t b = 0; b < n; ++b) {
        if (sb(a, b)) happens.add(a, b);
      }
      if (reads(a)) add_synchronisation(happens, a);
    }
    Relation hb = happens.closed();

    Relation communication(n);
    for (size_t a = 0; a < n; ++a) {
      for (size_t b = 0; b < n; ++b) {
        if (mo.has(a, b)) communication.add(a, b);
        if (reads(a) && a != b && mo.has(from_[a], b)) communication.add(a, b);
      }
      if (reads(a)) communication.add(from_[a], a);
    }
    Relation eco = communication.closed();
    for (size_t a = 0; a < n; ++a) {
      if (hb.has(a, a) || eco.has(a, a)) return false;
      for (size_t b = 0; b < n; ++b) {
        if (hb.has(a, b) && eco.has(b, a)) return false;
      }
    }
    return !order_of_all(hb, eco).has_cycle();
  }

  // What `read` synchronises with, through fences and release sequences.
  void add_synchronisation(Relation& happens, size_t read) const {
    std::vector<size_t> sinks;
    if (does_acquire(read)) sinks.push_back(read);
    for (size_t fence = 0; fence < events_.size(); ++fence) {
      if (is_fence(fence) && does_acquire(fence) && sb(read, fence)) sinks.push_back(fence);
    }
    for (size_t head = from_[read];; head = from_[head]) {
      std::vector<size_t> sources;
      if (!is_fence(head) && events_[head].thread != kInit && does_release(head)) {
        sources.push_back(head);
      }
      for (size_t fence = 0; fence < events_.size(); ++fence) {
        if (is_fence(fence) && does_release(fence) && sb(fence, head)) sources.push_back(fence);
      }
      for (size_t source : sources) {
        for (size_t sink : sinks) happens.add(source, sink);
      }
      if (!is_update(head)) break;
    }
  }

  Relation order_of_all(const Relation& hb, const Relation& eco) const {
    size_t n = events_.size();
    Relation order(n);
    for (size_t a = 0; a < n; ++a) {
      for (size_t b = 0; b < n; ++b) {
        if (sb(a, b) || (reads(b) && from_[b] == a)) order.add(a, b);
        if (!eco.has(a, b)) continue;
        for (size_t first : seq_cst_around(hb, a, true)) {
          for (size_t last : seq_cst_around(hb, b, false)) order.add(first, last);
        }
      }
    }
    return order;
  }

  // The event itself if it is seq_cst, and the seq_cst fences that happen before (after) it.
  std::vector<size_t> seq_cst_around(const Relation& hb, size_t at, bool before) const {
    std::vector<size_t> result;
    if (is_seq_cst(at)) result.push_back(at);
    for (size_t fence = 0; fence < events_.size(); ++fence) {
      if (!is_fence(fence) || !is_seq_cst(fence)) continue;
      if (before ? hb.has(fence, at) : hb.has(at, fence)) result.push_back(fence);
    }
    return result;
  }

  std::string graph() const {
    Graph graph(program_);
    for (size_t at = 0; at < events_.size(); ++at) {
      if (reads(at)) graph.read(events_[at].thread, name(from_[at]));
    }
    for (uint32_t location = 0; location < orders_.size(); ++location) {
      std::string text;
      for (size_t at = 1; at < orders_[location].size(); ++at) {
        text += name(orders_[location][at]) + " ";
      }
      if (!text.empty()) graph.order(location, text);
    }
    return graph.text();
  }
  std::string name(size_t at) const {
    return events_[at].thread == kInit ? "-" : name_of(events_[at].thread, events_[at].place);
  }

  const Program& program_;
  std::vector<Event> events_;  // the first stores, then the threads
  std::vector<size_t> from_;
  std::vector<uint32_t> values_;
  std::vector<bool> writes_;
  std::vector<std::vector<size_t>> orders_;
  Graphs graphs_;
};

}  // namespace groundhog::test
