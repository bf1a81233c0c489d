/*
 * Readers of event streams, thousands in one process. Told what to do by lines of standard input, a number and a command. Each is
 * answered by a line, its number and JSON, when it is done:
 *
 *   open GROUP COUNT SPREAD_MS SOURCES FEEDS PORT PATH [LAST_ID]   connect COUNT readers over SPREAD_MS; answered when all have a head.
 *                                    `%d` in PATH is the reader's number modulo FEEDS; from 127.0.0.1 to 127.0.0.SOURCES
 *   measure RUN EVENTS               from now on count the events of this run, of which there are at most EVENTS
 *   report PUBLISHED                 what has been counted; PUBLISHED events of the run were sent, number N to feed N modulo FEEDS
 *   gaps GROUP                       from now on count its feed.gap as well
 *   stall GROUP | resume GROUP       stop to read, go on
 *   close GROUP                      cut them all
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>
#include "event.h"
#include "latencies.h"

enum { MAX_READERS = 19000, MAX_GROUPS = 8, READ_BYTES = 256 * 1024, EVENTS_A_WAIT = 256, CONNECTING_AT_ONCE = 512, KEPT = 64 };

typedef struct {
  int fd, group, feed;
  char is_open, has_head;
  int kept;                /* bytes of an event that is not whole yet, or of a head */
  char tail[KEPT];
  uint64_t *seen;          /* a bit for each event of its feed */
} Reader;

typedef struct {
  int command, count, opening, has_heads, ended, feeds, sources, port, looks_for_gaps;
  int64_t open_from, open_spread;
  char path[256], last_id[256];
  uint64_t received, distinct, doubled, reads, bytes, gaps;
  Latencies latencies;
} Group;

static Reader readers[MAX_READERS];
static Group groups[MAX_GROUPS];
static int reader_count, poller, run;
static size_t seen_words;
static int64_t measured_from;
static double cpu_from;
static char buffer[KEPT + READ_BYTES];

static void fail(const char *what) {
  fprintf(stderr, "readers: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double own_cpu(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void forget_seen(Reader *reader) {
  free(reader->seen);
  reader->seen = seen_words == 0 ? NULL : calloc(seen_words, sizeof(uint64_t));
}

static void listen_to(Reader *reader, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = reader};
  if (epoll_ctl(poller, operation, reader->fd, &event) < 0) fail("epoll_ctl");
}

static void end_reader(Reader *reader) {
  if (!reader->is_open) return;
  close(reader->fd);
  reader->is_open = 0;
  groups[reader->group].ended += 1;
}

static void open_reader(int number, int within) {
  Group *group = &groups[number];
  if (reader_count == MAX_READERS) fail("too many readers");
  Reader *reader = &readers[reader_count++];
  *reader = (Reader){.group = number, .feed = within % group->feeds, .is_open = 1};
  forget_seen(reader);
  reader->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (reader->fd < 0) fail("socket");
  int yes = 1;
  setsockopt(reader->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(within % group->sources))};
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)group->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(reader->fd, (struct sockaddr *)&from, sizeof from) < 0) fail("bind");
  if (connect(reader->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) fail("connect");
  group->opening += 1;
  listen_to(reader, EPOLL_CTL_ADD, EPOLLOUT | EPOLLIN);
}

/* The connection is there: sends the request. */
static void ask(Reader *reader) {
  Group *group = &groups[reader->group];
  char path[300], request[1024], resume[300] = "";
  snprintf(path, sizeof path, group->path, reader->feed);
  if (group->last_id[0]) snprintf(resume, sizeof resume, "Last-Event-ID: %s\r\n", group->last_id);
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n%s\r\n", path,
                        group->port, resume);
  if (write(reader->fd, request, (size_t)length) != length) end_reader(reader);
  else listen_to(reader, EPOLL_CTL_MOD, EPOLLIN);
}

static void count_event(Reader *reader, Group *group, const char *event, int64_t at) {
  if (digits(event + RUN_AT, 2) != run) return;
  size_t index = (size_t)digits(event + NUMBER_AT, 9) / (size_t)group->feeds;
  group->received += 1;
  count_latency(&group->latencies, at / 1000 - digits(event + TIME_AT, 15));
  if (index / 64 >= seen_words) return;
  uint64_t bit = 1ULL << (index % 64);
  if (reader->seen[index / 64] & bit) group->doubled += 1;
  else group->distinct += 1;
  reader->seen[index / 64] |= bit;
}

static void count_gaps(Group *group, const char *from, size_t length) {
  static const char name[] = "event: feed.gap";
  for (const char *at = from; (at = memmem(at, length - (size_t)(at - from), name, sizeof name - 1)) != NULL; at += 1) group->gaps += 1;
}

/* Counts the events in what has come, and keeps one that is not whole for the next time. */
static void take(Reader *reader, size_t length) {
  Group *group = &groups[reader->group];
  char *from = buffer + KEPT - reader->kept, *end = buffer + KEPT + length;
  memcpy(from, reader->tail, (size_t)reader->kept);
  if (group->looks_for_gaps) count_gaps(group, from, (size_t)(end - from));
  int64_t at = now_ns();
  char *event = from;
  while ((event = memchr(event, MARK, (size_t)(end - event))) != NULL && end - event >= EVENT_HEAD_BYTES) {
    count_event(reader, group, event, at);
    event += EVENT_HEAD_BYTES;
  }
  reader->kept = event == NULL ? 0 : (int)(end - event);
  if (reader->kept > 0) memcpy(reader->tail, event, (size_t)reader->kept);
}

/* The head of an answer ends with an empty line; what is behind it may begin with an event. */
static void take_head(Reader *reader, size_t length) {
  char *from = buffer + KEPT - reader->kept, *end = buffer + KEPT + length;
  memcpy(from, reader->tail, (size_t)reader->kept);
  if (memmem(from, (size_t)(end - from), "\r\n\r\n", 4) != NULL) {
    static const char ok[] = "HTTP/1.1 200";
    if (reader->kept == 0 && memcmp(from, ok, sizeof ok - 1) != 0) {
      fprintf(stderr, "readers: %.*s\n", (int)(end - from > 200 ? 200 : end - from), from);
      exit(1);
    }
    reader->has_head = 1;
    groups[reader->group].has_heads += 1;
    reader->kept = 0;
    take(reader, length);
    return;
  }
  reader->kept = end - from < 3 ? (int)(end - from) : 3;
  memcpy(reader->tail, end - reader->kept, (size_t)reader->kept);
}

static void serve(Reader *reader, uint32_t events) {
  if (!reader->is_open) return;
  if (events & EPOLLOUT) return ask(reader);
  ssize_t length = read(reader->fd, buffer + KEPT, READ_BYTES);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) return end_reader(reader);
  groups[reader->group].reads += 1;
  groups[reader->group].bytes += (uint64_t)length;
  if (reader->has_head) take(reader, (size_t)length);
  else take_head(reader, (size_t)length);
}

/* Connects those who are due, a bounded number at a time: the listener's backlog is not what is measured. */
static void open_due(int number) {
  Group *group = &groups[number];
  if (group->opening == group->count) return;
  double passed = group->open_spread == 0 ? 1 : (double)(now_ns() - group->open_from) / (double)group->open_spread;
  int due = passed >= 1 ? group->count : (int)(passed * group->count);
  while (group->opening < due && group->opening - group->has_heads - group->ended < CONNECTING_AT_ONCE) open_reader(number, group->opening);
}

/* Tells when the last of a group has its head. */
static void tell_opened(int number) {
  Group *group = &groups[number];
  if (group->open_from == 0 || group->opening < group->count || group->has_heads + group->ended < group->count) return;
  printf("%d {\"opened\":%d,\"failed\":%d,\"seconds\":%.3f}\n", group->command, group->has_heads, group->ended, (double)(now_ns() - group->open_from) / 1e9);
  group->open_from = 0;
}

static void start_group(int command, const char *line) {
  int number;
  Group group = {.command = command};
  int spread_ms;
  int fields = sscanf(line, "open %d %d %d %d %d %d %255s %255s", &number, &group.count, &spread_ms, &group.sources, &group.feeds,
                      &group.port, group.path, group.last_id);
  if (fields < 7 || number >= MAX_GROUPS) fail(line);
  group.open_spread = spread_ms * 1000000LL;
  group.open_from = now_ns();
  groups[number] = group;
}

static void each_reader(int group, void (*work)(Reader *)) {
  for (int index = 0; index < reader_count; index += 1)
    if (readers[index].is_open && readers[index].group == group) work(&readers[index]);
}

static void stall(Reader *reader) { listen_to(reader, EPOLL_CTL_MOD, 0); }
static void resume(Reader *reader) { listen_to(reader, EPOLL_CTL_MOD, EPOLLIN); }

static void drop_ended(void) {
  int kept = 0;
  for (int index = 0; index < reader_count; index += 1) {
    if (readers[index].is_open) {
      readers[kept] = readers[index];
      listen_to(&readers[kept], EPOLL_CTL_MOD, EPOLLIN);
      kept += 1;
    } else free(readers[index].seen);
  }
  reader_count = kept;
}

static void measure(size_t events) {
  seen_words = events / 64 + 1;
  for (int index = 0; index < reader_count; index += 1) forget_seen(&readers[index]);
  for (int index = 0; index < MAX_GROUPS; index += 1) {
    Group *group = &groups[index];
    group->received = group->distinct = group->doubled = group->reads = group->bytes = group->gaps = 0;
    memset(&group->latencies, 0, sizeof group->latencies);
  }
  measured_from = now_ns();
  cpu_from = own_cpu();
}

/* Events that a group should have seen of those published. */
static uint64_t expected(int number, uint64_t published) {
  uint64_t sum = 0, feeds = (uint64_t)groups[number].feeds;
  for (int index = 0; index < reader_count; index += 1)
    if (readers[index].group == number && published > (uint64_t)readers[index].feed)
      sum += (published - (uint64_t)readers[index].feed + feeds - 1) / feeds;
  return sum;
}

static void report(uint64_t published) {
  printf("{\"cpuSeconds\":%.3f,\"seconds\":%.3f,\"groups\":[", own_cpu() - cpu_from, (double)(now_ns() - measured_from) / 1e9);
  for (int index = 0; index < MAX_GROUPS; index += 1) {
    Group *group = &groups[index];
    if (index > 0) printf(",");
    if (group->count == 0) {
      printf("null");
      continue;
    }
    printf("{\"readers\":%d,\"ended\":%d,\"expected\":%lu,\"received\":%lu,\"distinct\":%lu,\"doubled\":%lu,\"reads\":%lu,", group->has_heads,
           group->ended, expected(index, published), group->received, group->distinct, group->doubled, group->reads);
    printf("\"bytes\":%lu,\"gaps\":%lu,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}", group->bytes, group->gaps, latency_ms(&group->latencies, 0.5),
           latency_ms(&group->latencies, 0.99), (double)group->latencies.most_us / 1000);
  }
  printf("]}\n");
}

static void obey(const char *numbered) {
  int command, number, at = 0;
  if (sscanf(numbered, "%d %n", &command, &at) != 1) fail(numbered);
  const char *line = numbered + at;
  unsigned long count;
  if (strncmp(line, "open ", 5) == 0) return start_group(command, line);
  printf("%d ", command);
  if (sscanf(line, "measure %d %lu", &run, &count) == 2) measure(count);
  else if (sscanf(line, "report %lu", &count) == 1) return report(count);
  else if (sscanf(line, "gaps %d", &number) == 1) groups[number].looks_for_gaps = 1;
  else if (sscanf(line, "stall %d", &number) == 1) each_reader(number, stall);
  else if (sscanf(line, "resume %d", &number) == 1) each_reader(number, resume);
  else if (sscanf(line, "close %d", &number) == 1) {
    each_reader(number, end_reader);
    drop_ended();
    groups[number].count = 0;
  } else fail(line);
  printf("{}\n");
}

/* Reads what there is of commands; the end of standard input is the end. */
static void read_commands(void) {
  static char text[4096];
  static size_t length;
  ssize_t more = read(STDIN_FILENO, text + length, sizeof text - 1 - length);
  if (more <= 0) exit(0);
  length += (size_t)more;
  text[length] = 0;
  for (char *end; (end = strchr(text, '\n')) != NULL;) {
    *end = 0;
    obey(text);
    length -= (size_t)(end + 1 - text);
    memmove(text, end + 1, length + 1);
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  poller = epoll_create1(0);
  struct epoll_event commands = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &commands) < 0) fail("stdin");
  struct epoll_event ready[EVENTS_A_WAIT];
  for (;;) {
    int is_opening = 0;
    for (int number = 0; number < MAX_GROUPS; number += 1) {
      open_due(number);
      tell_opened(number);
      is_opening |= groups[number].open_from != 0;
    }
    int count = epoll_wait(poller, ready, EVENTS_A_WAIT, is_opening ? 1 : -1);
    int is_told = 0;
    for (int index = 0; index < count; index += 1) {
      if (ready[index].data.ptr == NULL) is_told = 1;
      else serve(ready[index].data.ptr, ready[index].events);
    }
    /* Last, since it may move readers about. */
    if (is_told) read_commands();
  }
}
