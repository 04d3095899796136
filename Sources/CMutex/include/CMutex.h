// A mutex of the system, the one thing that the core needs of it. It survives a fork, and knows who holds it.
#pragma once

typedef struct iolink_mutex iolink_mutex;

/// NULL when there is no memory.
iolink_mutex *iolink_mutex_create(void);
void iolink_mutex_destroy(iolink_mutex *mutex);

enum {
  /// It is this thread's now.
  IOLINK_MUTEX_TAKEN,
  /// It is this thread's now. When this process was forked it was held by a thread that is not here: what it guards may be half
  /// changed.
  IOLINK_MUTEX_ABANDONED,
  /// This thread has it already, and would wait for itself. Nothing was taken.
  IOLINK_MUTEX_HELD,
};

/// Waits for the mutex and takes it.
int iolink_mutex_lock(iolink_mutex *mutex);
void iolink_mutex_unlock(iolink_mutex *mutex);

/// How often this process has been forked off: 0 in the first, one more in each child.
unsigned iolink_fork_generation(void);
