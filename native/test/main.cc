#include "check.h"

int main() { return groundhog::test::run_all(); }
