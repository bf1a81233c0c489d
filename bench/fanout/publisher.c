/*
 * Publishes events at a rate, or as fast as they are acknowledged:
 *
 *   publisher http PORT PATH FEEDS CONNECTIONS RUN RATE COUNT BYTES    POST on kept-alive connections; event N goes to PATH with N
 *                                                                      modulo FEEDS for `%d`; RATE 0: whenever a connection is free
 *   publisher write FILE RUN RATE COUNT BYTES                          a line appended to a file or a pipe, one write each
 *
 * COUNT events of BYTES each. An event's time is taken just before it is written; how late that was is told at the end.
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
#include <sys/timerfd.h>
#include <unistd.h>
#include "event.h"
#include "latencies.h"

enum { MAX_CONNECTIONS = 1024, MAX_BYTES = 64 * 1024 };

typedef struct {
  int fd;
  int64_t sent_at;
} Connection;

static Connection connections[MAX_CONNECTIONS];
/* A ring: each has its turn, so that none is idle for so long that the server closes it. */
static Connection *idle[MAX_CONNECTIONS];
static int idle_from, idle_count, poller, run, bytes, port, feeds = 1;
static const char *path;
static long rate, count, sent, acknowledged;
static int64_t started_at;
static Latencies lateness, waits;
static char message[MAX_BYTES + 1024];

static void fail(const char *what) {
  fprintf(stderr, "publisher: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void write_all(int fd, const char *from, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, from, length);
    if (written < 0) fail("write");
    from += written;
    length -= (size_t)written;
  }
}

static int64_t due_at(long number) { return rate == 0 ? started_at : started_at + (int64_t)((double)number * 1e9 / (double)rate); }

/* The next event, at `target`, which has room for it. */
static int64_t put_event(char *target) {
  int64_t at = now_ns();
  if (rate > 0) count_latency(&lateness, (at - due_at(sent)) / 1000);
  int length = sprintf(target, "%c%02d %09ld %015ld ", MARK, run, sent, (long)(at / 1000));
  memset(target + length, 'x', (size_t)(bytes - length));
  sent += 1;
  return at;
}

static void post(Connection *connection) {
  char where[300];
  snprintf(where, sizeof where, path, (int)(sent % feeds));
  int length = sprintf(message, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", where, port, bytes);
  connection->sent_at = put_event(message + length);
  write_all(connection->fd, message, (size_t)(length + bytes));
}

static void rest(Connection *connection) {
  idle[(idle_from + idle_count) % MAX_CONNECTIONS] = connection;
  idle_count += 1;
}

static Connection *take_idle(void) {
  Connection *connection = idle[idle_from];
  idle_from = (idle_from + 1) % MAX_CONNECTIONS;
  idle_count -= 1;
  return connection;
}

/* An answer is taken to be one read: they are short, and the next request is sent only when it has come. */
static void take_answer(Connection *connection) {
  char answer[8192];
  ssize_t length = read(connection->fd, answer, sizeof answer - 1);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) fail("a connection has ended");
  answer[length] = 0;
  if (strncmp(answer, "HTTP/1.1 20", 11) != 0) {
    fprintf(stderr, "publisher: %s\n", answer);
    exit(1);
  }
  acknowledged += 1;
  count_latency(&waits, (now_ns() - connection->sent_at) / 1000);
  rest(connection);
}

static void connect_all(int wanted) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (int index = 0; index < wanted; index += 1) {
    Connection *connection = &connections[index];
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
    int yes = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, connection->fd, &event) < 0) fail("epoll_ctl");
    rest(connection);
  }
}

static void set_timer(int timer, int64_t at) {
  struct itimerspec when = {.it_value = {.tv_sec = at / 1000000000, .tv_nsec = at % 1000000000}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void publish_http(void) {
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (timer < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event) < 0) fail("timer");
  struct epoll_event ready[64];
  while (acknowledged < count) {
    while (sent < count && idle_count > 0 && now_ns() >= due_at(sent)) post(take_idle());
    /* With no connection free, an answer is what to wait for. */
    if (sent < count && idle_count > 0) set_timer(timer, due_at(sent));
    int found = epoll_wait(poller, ready, 64, -1);
    for (int index = 0; index < found; index += 1) {
      uint64_t expirations;
      if (ready[index].data.ptr != NULL) take_answer(ready[index].data.ptr);
      else if (read(timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) fail("timer");
    }
  }
}

static void append_lines(const char *file) {
  int fd = open(file, O_WRONLY | O_APPEND);
  if (fd < 0) fail(file);
  while (sent < count) {
    int64_t at = due_at(sent);
    struct timespec until = {.tv_sec = at / 1000000000, .tv_nsec = at % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    put_event(message);
    message[bytes] = '\n';
    write_all(fd, message, (size_t)bytes + 1);
  }
  acknowledged = sent;
}

int main(int argc, char **argv) {
  int is_http = argc == 10 && strcmp(argv[1], "http") == 0;
  if (!is_http && !(argc == 7 && strcmp(argv[1], "write") == 0)) {
    fprintf(stderr, "publisher: see the head of publisher.c\n");
    return 2;
  }
  char **numbers = argv + (is_http ? 6 : 3);
  run = atoi(numbers[0]);
  rate = atol(numbers[1]);
  count = atol(numbers[2]);
  bytes = atoi(numbers[3]);
  if (bytes < EVENT_HEAD_BYTES || bytes > MAX_BYTES) fail("BYTES");
  if (is_http) {
    port = atoi(argv[2]);
    path = argv[3];
    feeds = atoi(argv[4]);
    poller = epoll_create1(0);
    connect_all(atoi(argv[5]));
  }
  started_at = now_ns();
  if (is_http) publish_http();
  else append_lines(argv[2]);
  double seconds = (double)(now_ns() - started_at) / 1e9;
  printf("{\"published\":%ld,\"seconds\":%.3f,\"lateP99\":%.3f,\"lateMax\":%.3f,\"waitP50\":%.3f,\"waitP99\":%.3f}\n", acknowledged, seconds,
         latency_ms(&lateness, 0.99), (double)lateness.most_us / 1000, latency_ms(&waits, 0.5), latency_ms(&waits, 0.99));
  return 0;
}
