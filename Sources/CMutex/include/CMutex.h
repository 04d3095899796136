// A mutex of the system: the one thing that the core needs of it. It survives a fork.
#pragma once

typedef struct iolink_mutex iolink_mutex;

/// NULL when there is no memory.
iolink_mutex *iolink_mutex_create(void);
void iolink_mutex_destroy(iolink_mutex *mutex);

/// Waits for the mutex and takes it.
///
/// 1 when it had been held, at the moment this process was forked, by a thread that is not here: what it guards may be half
/// changed. 0 otherwise.
int iolink_mutex_lock(iolink_mutex *mutex);
void iolink_mutex_unlock(iolink_mutex *mutex);
