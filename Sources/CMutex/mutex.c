#include "CMutex.h"

#include <pthread.h>
#include <stdlib.h>

struct iolink_mutex { pthread_mutex_t system; };

iolink_mutex *iolink_mutex_create(void) {
  iolink_mutex *mutex = malloc(sizeof *mutex);
  if (mutex && pthread_mutex_init(&mutex->system, NULL) != 0) { free(mutex); return NULL; }
  return mutex;
}

void iolink_mutex_destroy(iolink_mutex *mutex) {
  pthread_mutex_destroy(&mutex->system);
  free(mutex);
}

void iolink_mutex_lock(iolink_mutex *mutex) { pthread_mutex_lock(&mutex->system); }
void iolink_mutex_unlock(iolink_mutex *mutex) { pthread_mutex_unlock(&mutex->system); }
