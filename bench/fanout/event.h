/*
 * What the publisher writes and the readers look for in whatever is around it: `^RR SSSSSSSSS NNNNNNNNNNNNNNN ` and padding. RR is the
 * run, so that events of a warm-up do not count; S the number of the event in its run; N its time, us of CLOCK_MONOTONIC.
 * The mark is a byte that is in no id and no control event.
 */
#include <stdint.h>
#include <time.h>

enum { MARK = '^', RUN_AT = 1, NUMBER_AT = 4, TIME_AT = 14, EVENT_HEAD_BYTES = 30 };

static inline int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline int64_t digits(const char *at, int count) {
  int64_t value = 0;
  for (int index = 0; index < count; index += 1) value = value * 10 + (at[index] - '0');
  return value;
}
