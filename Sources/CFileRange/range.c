#define _GNU_SOURCE
#include "CFileRange.h"

#include <errno.h>

#ifdef __linux__
#include <fcntl.h>
#include <unistd.h>

int iolink_file_reserve(int file, int64_t offset, int64_t count) {
  return fallocate(file, FALLOC_FL_KEEP_SIZE, offset, count);
}

int64_t iolink_file_copy(int from, int64_t from_offset, int to, int64_t to_offset, int64_t count) {
  off64_t source = from_offset, target = to_offset;
  return copy_file_range(from, &source, to, &target, (size_t)count, 0);
}

int64_t iolink_file_data(int file, int64_t offset) { return lseek(file, offset, SEEK_DATA); }

int64_t iolink_file_hole(int file, int64_t offset) { return lseek(file, offset, SEEK_HOLE); }

#else

int iolink_file_reserve(int file, int64_t offset, int64_t count) { errno = ENOSYS; return -1; }
int64_t iolink_file_copy(int from, int64_t from_offset, int to, int64_t to_offset, int64_t count) { errno = ENOSYS; return -1; }
int64_t iolink_file_data(int file, int64_t offset) { errno = ENOSYS; return -1; }
int64_t iolink_file_hole(int file, int64_t offset) { errno = ENOSYS; return -1; }

#endif
