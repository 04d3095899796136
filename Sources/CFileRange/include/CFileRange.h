// System calls for ranges of files that Swift's module of the C library does not have, because they belong to Linux alone. Elsewhere they
// fail with ENOSYS.
#pragma once

#include <stdint.h>

/// Finds room for a range of a file without changing its size. Returns 0, or -1 and sets errno.
int iolink_file_reserve(int file, int64_t offset, int64_t count);

/// Copies bytes from file to file inside the system. Returns how many were copied, 0 at the end of the first file, or -1 and sets errno.
int64_t iolink_file_copy(int from, int64_t from_offset, int to, int64_t to_offset, int64_t count);

/// Returns where data begin at or after an offset, or -1 and sets errno: ENXIO when there is only a hole up to the end of the file.
int64_t iolink_file_data(int file, int64_t offset);

/// Returns where the next hole begins at or after an offset, which is the end of the file at the latest, or -1 and sets errno.
int64_t iolink_file_hole(int file, int64_t offset);
