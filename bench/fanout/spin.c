/* A fixed piece of work: how fast the core is now, and how much of it others have. */
#include <stdio.h>
#include <time.h>
#include "event.h"

int main(void) {
  int64_t began = now_ns();
  volatile uint64_t value = 88172645463325252ULL;
  for (int round = 0; round < 100000000; round += 1) {
    uint64_t next = value;
    next ^= next << 13;
    next ^= next >> 7;
    value = next ^ (next << 17);
  }
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  printf("{\"wallMs\":%.1f,\"cpuMs\":%.1f}\n", (double)(now_ns() - began) / 1e6, (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6);
  return 0;
}
