// A mutex of the system: the one thing that the core needs of it.
#pragma once

typedef struct iolink_mutex iolink_mutex;

/// NULL when there is no memory.
iolink_mutex *iolink_mutex_create(void);
void iolink_mutex_destroy(iolink_mutex *mutex);
void iolink_mutex_lock(iolink_mutex *mutex);
void iolink_mutex_unlock(iolink_mutex *mutex);
