// Loaded in front of libc (LD_PRELOAD): now and then a call that asks about files waits before it is made, as on a host
// that has too much to do. What happens between two calls happens far more often then.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { calls_in_a_hundred = 6, longest_wait = 20 * 1000 * 1000 };  // the latter in nanoseconds

static void wait_sometimes(void) {
  static __thread unsigned state;
  struct timespec time;
  if (state == 0) {
    clock_gettime(CLOCK_MONOTONIC, &time);
    state = (unsigned)time.tv_nsec ^ (unsigned)getpid();
  }
  if (rand_r(&state) % 100 >= calls_in_a_hundred) return;
  time.tv_sec = 0;
  time.tv_nsec = rand_r(&state) % longest_wait;
  nanosleep(&time, NULL);
}

#define SLOW(result, name, parameters, arguments)                   \
  result name parameters {                                          \
    static result(*next) parameters;                                \
    if (!next) next = (result(*) parameters)dlsym(RTLD_NEXT, #name); \
    wait_sometimes();                                               \
    return next arguments;                                          \
  }

SLOW(int, open, (const char* path, int flags, mode_t mode), (path, flags, mode))
SLOW(int, statx, (int folder, const char* restrict path, int flags, unsigned mask, struct statx* restrict into),
     (folder, path, flags, mask, into))
SLOW(DIR*, opendir, (const char* path), (path))
SLOW(struct dirent*, readdir, (DIR * folder), (folder))
SLOW(ssize_t, preadv, (int file, const struct iovec* parts, int count, off_t at), (file, parts, count, at))
SLOW(ssize_t, pread, (int file, void* into, size_t size, off_t at), (file, into, size, at))
