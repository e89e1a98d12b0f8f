#include "check.h"
#include "conformance.h"

using namespace groundhog::test;

// `endless` runs one test that never ends, to see the alarm; `conform` reads programs.
int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "endless") == 0) {
    tests() = {{"a test without end", [] {
                  for (volatile bool on = true; on;) {
                  }
                }}};
    return run_all(1);
  }
  if (argc == 2 && std::strcmp(argv[1], "conform") == 0) return conform();
  return run_all();
}
