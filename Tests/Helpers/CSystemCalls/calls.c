#define _GNU_SOURCE
#include "CSystemCalls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__

struct fault {
  char call[24], action[8];
  int nth, value;
  atomic_int count;
};
static struct fault faults[8];
static atomic_int fault_count, waiting, threads, is_printing;
static const char *root;
static char text[1 << 16];
static size_t length;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int system_calls_fault(const char *from) {
  int index = fault_count;
  if (index == 8) return 0;
  struct fault *fault = &faults[index];
  if (sscanf(from, "%23[a-z_]:%d:%7[a-z]:%d", fault->call, &fault->nth, fault->action, &fault->value) < 3) return 0;
  fault_count = index + 1;
  return 1;
}

void system_calls_root(const char *folder) { root = folder; }
int system_calls_waiting(void) { return waiting; }
int system_calls_threads(void) { return threads; }

int system_calls_one_core(void) {
  cpu_set_t cores, first;
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 0;
  int core = 0;
  while (core < CPU_SETSIZE - 1 && !CPU_ISSET(core, &cores)) core++;
  CPU_ZERO(&first);
  CPU_SET(core, &first);
  return sched_setaffinity(0, sizeof first, &first) == 0;
}

// The function that the call would reach without this file: a sanitizer's, or the C library's.
#define NEXT(name) ({ \
    extern __typeof__(name) __interceptor_##name __attribute__((weak)); \
    &__interceptor_##name ? &__interceptor_##name : (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
  })

static void print(void) {
  is_printing = 0;
  for (size_t done = 0; done < length;) {
    ssize_t count = NEXT(write)(2, text + done, length - done);
    if (count <= 0) return;
    done += (size_t)count;
  }
}

void system_calls_print(void) {
  is_printing = 1;
  atexit(print);
}

static void note(const char *format, ...) {
  if (!is_printing) return;
  int error = errno;
  va_list arguments;
  va_start(arguments, format);
  pthread_mutex_lock(&lock);
  int count = vsnprintf(text + length, sizeof text - length, format, arguments);
  if (count > 0 && length + (size_t)count < sizeof text) length += (size_t)count;
  pthread_mutex_unlock(&lock);
  va_end(arguments);
  errno = error;
}

// Returns whether a fault makes this call fail; if not, the fault may limit how many bytes the call may move.
static int fails(const char *call, size_t *size) {
  int error = 0;
  for (int index = 0; index < fault_count; index++) {
    struct fault *fault = &faults[index];
    if (strcmp(fault->call, call) != 0) continue;
    int number = ++fault->count;
    if (fault->nth != 0 && fault->nth != number) continue;
    if (strcmp(fault->action, "kill") == 0) raise(SIGKILL);
    if (strcmp(fault->action, "error") == 0) error = fault->value;
    else if (size && *size > (size_t)fault->value) *size = (size_t)fault->value;
  }
  if (error) errno = error;
  return error != 0;
}

static const char *kind(int file) {
  struct stat status;
  return fstat(file, &status) == 0 && S_ISDIR(status.st_mode) ? "folder" : "file";
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  int isUnnamed = (flags & O_TMPFILE) == O_TMPFILE;
  mode_t mode = flags & O_CREAT || isUnnamed ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  note("open %s%s%s%s%s%s%s %o\n", path, isUnnamed ? " unnamed" : "", flags & O_CREAT ? " create" : "", flags & O_EXCL ? " exclusive" : "",
       flags & O_NOFOLLOW ? " nofollow" : "", flags & O_NONBLOCK ? " nonblock" : "", flags & O_CLOEXEC ? " cloexec" : "", mode);
  if (fails("open", NULL) || (isUnnamed && fails("open_unnamed", NULL))) return -1;
  char moved[4096];
  if (root && (strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0)) {
    snprintf(moved, sizeof moved, "%s%s", root, path);
    path = moved;
  }
  return NEXT(open)(path, flags, mode);
}

ssize_t read(int file, void *buffer, size_t size) {
  return fails("read", &size) ? -1 : NEXT(read)(file, buffer, size);
}

// A limit of 0 simulates a device that takes no bytes and reports no error.
ssize_t write(int file, const void *buffer, size_t size) {
  return fails("write", &size) ? -1 : NEXT(write)(file, buffer, size);
}

ssize_t pread(int file, void *buffer, size_t size, off_t offset) {
  return fails("pread", &size) ? -1 : NEXT(pread)(file, buffer, size, offset);
}

ssize_t pwrite(int file, const void *buffer, size_t size, off_t offset) {
  note("pwrite\n");
  return fails("pwrite", &size) ? -1 : NEXT(pwrite)(file, buffer, size, offset);
}

int ftruncate(int file, off_t size) {
  return fails("ftruncate", NULL) ? -1 : NEXT(ftruncate)(file, size);
}

int fsync(int file) {
  note("fsync %s\n", kind(file));
  return fails("fsync", NULL) ? -1 : NEXT(fsync)(file);
}

int fdatasync(int file) {
  note("fdatasync %s\n", kind(file));
  return fails("fdatasync", NULL) ? -1 : NEXT(fdatasync)(file);
}

int fchown(int file, uid_t owner, gid_t group) {
  note("fchown %u %u\n", owner, group);
  return fails("fchown", NULL) ? -1 : NEXT(fchown)(file, owner, group);
}

int fchmod(int file, mode_t mode) {
  note("fchmod %o\n", mode);
  return fails("fchmod", NULL) ? -1 : NEXT(fchmod)(file, mode);
}

int rename(const char *from, const char *to) {
  note("rename\n");
  return fails("rename", NULL) ? -1 : NEXT(rename)(from, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  note("link\n");
  return fails("link", NULL) ? -1 : NEXT(linkat)(from_folder, from, to_folder, to, flags);
}

int flock(int file, int operation) {
  return fails("flock", NULL) ? -1 : NEXT(flock)(file, operation);
}

int unlink(const char *path) {
  note("unlink\n");
  return fails("unlink", NULL) ? -1 : NEXT(unlink)(path);
}

// The descriptor is released even if an error is reported.
int close(int file) {
  note("close %s\n", kind(file));
  int fault = fails("close", NULL), error = errno;
  int result = NEXT(close)(file);
  if (fault) errno = error;
  return fault ? -1 : result;
}

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset) {
  if (file >= 0) note("mmap %zu %lld\n", size, (long long)offset);
  return fails("mmap", NULL) ? MAP_FAILED : NEXT(mmap)(address, size, protection, flags, file, offset);
}

int munmap(void *address, size_t size) {
  note("munmap %zu\n", size);
  return NEXT(munmap)(address, size);
}

int madvise(void *address, size_t size, int advice) {
  note("madvise %d %zu %zu\n", advice, (size_t)address % (2 << 20), size);
  return NEXT(madvise)(address, size, advice);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  threads++;
  return fails("pthread_create", NULL) ? errno : NEXT(pthread_create)(thread, attributes, body, argument);
}

static void *call(void *body) {
  ((void (*)(void))body)();
  return NULL;
}

void system_calls_on_a_thread(void (*body)(void)) {
  pthread_t thread;
  if (NEXT(pthread_create)(&thread, NULL, call, (void *)body) == 0) pthread_join(thread, NULL);
}

int pthread_detach(pthread_t thread) {
  note("pthread_detach\n");
  return NEXT(pthread_detach)(thread);
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  waiting++;
  int result = NEXT(pthread_cond_wait)(condition, mutex);
  waiting--;
  return result;
}

#endif
