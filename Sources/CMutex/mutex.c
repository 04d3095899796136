#include "CMutex.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

// How often this process has been forked off; a mutex with another number has not been used in it yet.
static atomic_uint generation;
static pthread_mutex_t inheritance = PTHREAD_MUTEX_INITIALIZER;

struct iolink_mutex {
  pthread_mutex_t system;
  atomic_uint generation;
};

static void child(void) {
  pthread_mutex_init(&inheritance, NULL);
  atomic_fetch_add(&generation, 1);
}

__attribute__((constructor)) static void watch(void) { pthread_atfork(NULL, NULL, child); }

iolink_mutex *iolink_mutex_create(void) {
  iolink_mutex *mutex = malloc(sizeof *mutex);
  if (mutex && pthread_mutex_init(&mutex->system, NULL) != 0) { free(mutex); return NULL; }
  if (mutex) atomic_init(&mutex->generation, atomic_load(&generation));
  return mutex;
}

void iolink_mutex_destroy(iolink_mutex *mutex) {
  pthread_mutex_destroy(&mutex->system);
  free(mutex);
}

// Takes a mutex that came with the fork, unless another thread has done so since. Only threads that are not here can hold it.
static int inherit(iolink_mutex *mutex, unsigned now) {
  int is_abandoned = 0;
  pthread_mutex_lock(&inheritance);
  if (atomic_load(&mutex->generation) == now) {
    pthread_mutex_unlock(&inheritance);
    pthread_mutex_lock(&mutex->system);
    return 0;
  }
  if (pthread_mutex_trylock(&mutex->system) != 0) {
    is_abandoned = 1;
    pthread_mutex_init(&mutex->system, NULL);
    pthread_mutex_lock(&mutex->system);
  }
  atomic_store(&mutex->generation, now);
  pthread_mutex_unlock(&inheritance);
  return is_abandoned;
}

int iolink_mutex_lock(iolink_mutex *mutex) {
  unsigned now = atomic_load_explicit(&generation, memory_order_acquire);
  if (atomic_load_explicit(&mutex->generation, memory_order_acquire) != now) return inherit(mutex, now);
  pthread_mutex_lock(&mutex->system);
  return 0;
}

void iolink_mutex_unlock(iolink_mutex *mutex) { pthread_mutex_unlock(&mutex->system); }
