// A mutex of the operating system that stays usable in a forked child and records which thread holds it. It is the only part of
// the system that the core uses.
#pragma once

#include <stddef.h>

#pragma clang assume_nonnull begin

typedef struct iolink_mutex iolink_mutex;

/// The alignment in bytes of what a mutex guards.
enum { IOLINK_MUTEX_ALIGNMENT = 16 };

/// Makes a mutex, followed by room for what it guards. Returns NULL when the system has no memory or no mutex left.
iolink_mutex *_Nullable iolink_mutex_create(size_t content_size);
/// Returns the room for what the mutex guards, which is not initialized.
void *iolink_mutex_content(iolink_mutex *mutex);
/// Frees a mutex that no thread holds, and the room behind it.
void iolink_mutex_destroy(iolink_mutex *mutex);

enum {
  /// The calling thread now holds the mutex.
  IOLINK_MUTEX_TAKEN,
  /// The calling thread now holds the mutex. When this process was forked, a thread that does not exist in the child held it, and
  /// what it guards may be half changed.
  IOLINK_MUTEX_ABANDONED,
  /// The calling thread already held the mutex and would have waited for itself. The mutex was not taken again.
  IOLINK_MUTEX_HELD,
};

/// Waits for the mutex, takes it, and returns one of the values above.
int iolink_mutex_lock(iolink_mutex *mutex);
/// Releases a mutex that the calling thread holds.
void iolink_mutex_unlock(iolink_mutex *mutex);

/// The number of forks between the first process and this one: 0 in the first process, and one more in each child.
unsigned iolink_fork_generation(void);

#pragma clang assume_nonnull end
