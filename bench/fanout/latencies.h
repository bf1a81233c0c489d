/* Times as counts of buckets that are at most 3 % wide, from 1 us to an hour. */
#include <stdint.h>

enum { STEPS = 32, BUCKETS = STEPS * 33 };

typedef struct {
  uint32_t counts[BUCKETS];
  int64_t most_us;
  uint64_t total;
} Latencies;

static inline int bucket_of(int64_t us) {
  if (us < STEPS) return us < 0 ? 0 : (int)us;
  int shift = 63 - __builtin_clzll((unsigned long long)us) - 5;
  int bucket = (shift + 1) * STEPS + (int)((us >> shift) - STEPS);
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static inline int64_t us_of(int bucket) {
  if (bucket < STEPS) return bucket;
  return ((int64_t)(bucket % STEPS) + STEPS) << (bucket / STEPS - 1);
}

static inline void count_latency(Latencies *all, int64_t us) {
  all->counts[bucket_of(us)] += 1;
  all->total += 1;
  if (us > all->most_us) all->most_us = us;
}

/* The time within which `share` of them lie, ms. */
static inline double latency_ms(const Latencies *all, double share) {
  uint64_t wanted = (uint64_t)(share * (double)all->total), seen = 0;
  for (int bucket = 0; bucket < BUCKETS; bucket += 1) {
    seen += all->counts[bucket];
    if (seen > wanted) return (double)us_of(bucket) / 1000;
  }
  return (double)all->most_us / 1000;
}
