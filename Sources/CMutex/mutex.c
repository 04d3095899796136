#include "CMutex.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_uint generation;
static pthread_t forker;  // the only thread that a child has at first; written before the child starts others
static pthread_mutex_t inheritance = PTHREAD_MUTEX_INITIALIZER;

struct iolink_mutex {
  pthread_mutex_t system;
  atomic_uint generation;  // the generation of the process that the mutex was made or inherited in
  _Atomic(pthread_t) holder;
  atomic_int is_held;
  _Alignas(IOLINK_MUTEX_ALIGNMENT) unsigned char content[];
};

static void child(void) {
  pthread_mutex_init(&inheritance, NULL);
  forker = pthread_self();
  atomic_fetch_add(&generation, 1);
}

__attribute__((constructor)) static void watch(void) { pthread_atfork(NULL, NULL, child); }

unsigned iolink_fork_generation(void) { return atomic_load_explicit(&generation, memory_order_acquire); }

iolink_mutex *iolink_mutex_create(size_t content_size) {
  iolink_mutex *mutex = malloc(sizeof *mutex + content_size);  // malloc aligns to 16 bytes on the systems that have pthreads
  if (!mutex) return NULL;
  if (pthread_mutex_init(&mutex->system, NULL) != 0) { free(mutex); return NULL; }
  atomic_init(&mutex->generation, iolink_fork_generation());
  atomic_init(&mutex->is_held, 0);
  return mutex;
}

void *iolink_mutex_content(iolink_mutex *mutex) { return mutex->content; }

void iolink_mutex_destroy(iolink_mutex *mutex) {
  pthread_mutex_destroy(&mutex->system);
  free(mutex);
}

static int is_held_by(iolink_mutex *mutex, pthread_t thread) {
  return atomic_load_explicit(&mutex->is_held, memory_order_acquire) &&
         pthread_equal(atomic_load_explicit(&mutex->holder, memory_order_relaxed), thread);
}

static int taken(iolink_mutex *mutex, int how) {
  atomic_store_explicit(&mutex->holder, pthread_self(), memory_order_relaxed);
  atomic_store_explicit(&mutex->is_held, 1, memory_order_release);
  return how;
}

// Adopts a mutex of the parent process in a forked child. Returns 1, with the mutex taken, when the thread that held it does not
// exist in the child; otherwise returns 0.
static int inherit(iolink_mutex *mutex, unsigned now) {
  int is_abandoned = 0;
  pthread_mutex_lock(&inheritance);
  if (atomic_load(&mutex->generation) != now) {
    if (is_held_by(mutex, forker)) {
      // The thread that holds the mutex is the one that forked. It exists in the child and will release the mutex.
    } else if (pthread_mutex_trylock(&mutex->system) == 0) {
      pthread_mutex_unlock(&mutex->system);
    } else {
      is_abandoned = 1;
      atomic_store(&mutex->is_held, 0);
      pthread_mutex_init(&mutex->system, NULL);
      pthread_mutex_lock(&mutex->system);
    }
    atomic_store(&mutex->generation, now);
  }
  pthread_mutex_unlock(&inheritance);
  return is_abandoned;
}

int iolink_mutex_lock(iolink_mutex *mutex) {
  unsigned now = iolink_fork_generation();
  // The generation is checked first: a thread of the child may have the same ID as a thread of the parent.
  if (atomic_load_explicit(&mutex->generation, memory_order_acquire) != now && inherit(mutex, now))
    return taken(mutex, IOLINK_MUTEX_ABANDONED);
  if (is_held_by(mutex, pthread_self())) return IOLINK_MUTEX_HELD;
  pthread_mutex_lock(&mutex->system);
  return taken(mutex, IOLINK_MUTEX_TAKEN);
}

void iolink_mutex_unlock(iolink_mutex *mutex) {
  atomic_store_explicit(&mutex->is_held, 0, memory_order_release);
  pthread_mutex_unlock(&mutex->system);
}
