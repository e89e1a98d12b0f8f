// The programs that can be run by name: `native-<name>` from the command line, and all of them by
// the tests. Each structure is there with a twin that lacks one thing, which must be found.

#pragma once

#include "classics.h"
#include "entry.h"
#include "structures.h"
#include "weakened.h"

namespace groundhog::programs {

using Relaxed = Weakened<SimSync, AllRelaxed>;
using Weaker = Weakened<SimSync, NoSeqCst>;
using Torn = Weakened<SimSync, TornUpdates>;

constexpr Entry kCatalogue[] = {
    {"message-passing", message_passing<kRelease, kAcquire>, false},
    {"message-passing-relaxed", message_passing<kRelaxed, kRelaxed>, true},
    {"message-passing-by-fences", message_passing_by_fences<true>, false},
    {"message-passing-without-fences", message_passing_by_fences<false>, true},
    {"store-buffering", store_buffering<kSeqCst, kSeqCst>, false},
    {"store-buffering-acq-rel", store_buffering<kRelease, kAcquire>, true},
    {"store-buffering-by-fences", store_buffering<kRelaxed, kRelaxed, true>, false},
    {"store-buffering-relaxed", store_buffering<kRelaxed, kRelaxed>, true},
    {"independent-reads", independent_reads<kSeqCst, kSeqCst>, false},
    {"independent-reads-acq-rel", independent_reads<kRelease, kAcquire>, true},
    {"causality-relaxed", causality<kRelaxed, kRelaxed>, true},
    {"peterson", peterson<kSeqCst>, false},
    {"peterson-acq-rel", peterson<kAcqRel>, true},
    {"treiber-stack", treiber_stack<SimSync>, false},
    {"treiber-stack-untagged", treiber_stack<SimSync, 0>, true},
    {"treiber-stack-relaxed", treiber_stack<Relaxed>, true},
    {"spsc-ring", spsc_ring<SimSync>, false},
    {"spsc-ring-relaxed", spsc_ring<Relaxed>, true},
    {"bounded-queue", bounded_queue<SimSync>, false},
    {"bounded-queue-relaxed", bounded_queue<Relaxed>, true},
    {"bounded-queue-torn", bounded_queue<Torn>, true},
    {"mpsc-queue", mpsc_queue<SimSync>, false},
    {"mpsc-queue-relaxed", mpsc_queue<Relaxed>, true},
    {"ms-queue", ms_queue<SimSync>, false},
    {"ms-queue-torn", ms_queue<Torn>, true},
    {"hazards", hazards<SimSync>, false},
    {"hazards-acq-rel", hazards<Weaker>, true},
    {"epochs", epochs<SimSync>, false},
    {"epochs-relaxed", epochs<Relaxed>, true},
    {"hash-map", hash_map<SimSync>, false},
    {"hash-map-relaxed", hash_map<Relaxed>, true},
    {"hash-map-torn", hash_map<Torn>, true},
    {"skip-list", skip_list<SimSync>, false},
    {"skip-list-relaxed", skip_list<Relaxed>, true},
    {"skip-list-torn", skip_list<Torn>, true},
    {"wait-free-counter", wait_free_counter<SimSync>, false},
    {"wait-free-counter-relaxed", wait_free_counter<Relaxed>, true},
    {"snapshot", snapshot<SimSync>, false},
    {"snapshot-relaxed", snapshot<Relaxed>, true},
    {"wait-free-queue", wait_free_queue<SimSync>, false},
    {"spin-lock", counting<SimSync, SpinLock<SimSync>>, false},
    {"spin-lock-relaxed", counting<Relaxed, SpinLock<Relaxed>>, true},
    {"ticket-lock", counting<SimSync, TicketLock<SimSync>>, false},
    {"ticket-lock-torn", counting<Torn, TicketLock<Torn>>, true},
    {"mutex", counting<SimSync, SimSync::Mutex>, false},
    {"null-lock", counting<SimSync, NullLock>, true},
    {"shared-lock", counting<SimSync, SharedLock<SimSync>>, false},
    {"shared-lock-readers", readers_and_writer<SimSync>, false},
    {"shared-lock-readers-relaxed", readers_and_writer<Relaxed>, true},
    {"shared-lock-readers-torn", readers_and_writer<Torn>, true},
    {"elided-lock", counting<SimSync, ElidedLock<SimSync>>, false},
    {"elided-lock-blind", counting<SimSync, ElidedLock<SimSync, BlindTransactions>>, true},
    {"heap", heap<SimSync>, false},
    {"heap-torn", heap<Torn>, true},
    {"wait-free-queue-torn", wait_free_queue<Torn>, true},
};

}  // namespace groundhog::programs
