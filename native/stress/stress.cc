// The programs of programs/structures.h on real threads, again and again: what ThreadSanitizer and the
// machine itself have to say. The argument is how often.

#include "../port/real_sync.h"
#include "../programs/structures.h"

using namespace groundhog;

int main(int argc, char** argv) {
  constexpr void (*kPrograms[])() = {
      programs::treiber_stack<RealSync>,     programs::spsc_ring<RealSync>,
      programs::bounded_queue<RealSync>,     programs::mpsc_queue<RealSync>,
      programs::ms_queue<RealSync>,          programs::hazards<RealSync>,
      programs::epochs<RealSync>,            programs::hash_map<RealSync>,
      programs::skip_list<RealSync>,         programs::wait_free_counter<RealSync>,
      programs::snapshot<RealSync>,          programs::wait_free_queue<RealSync>,
      programs::heap<RealSync>,              programs::counting<RealSync, SpinLock<RealSync>>,
      programs::counting<RealSync, TicketLock<RealSync>>,
      programs::counting<RealSync, SharedLock<RealSync>>,
      programs::readers_and_writer<RealSync>,
  };
  int times = argc == 2 ? std::atoi(argv[1]) : 0;
  if (times <= 0) {
    std::fprintf(stderr, "stress <how often>\n");
    return 2;
  }
  for (int time = 0; time < times; ++time) {
    for (auto* program : kPrograms) program();
  }
  return 0;
}
