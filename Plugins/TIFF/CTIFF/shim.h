#ifndef IOLINK_CTIFF_SHIM_H
#define IOLINK_CTIFF_SHIM_H

#include <stdarg.h>
#include <stdio.h>
#include <tiffio.h>

/* vsnprintf for Swift, which cannot see it without all of the C library. */
static inline int iolink_tiff_format(char *text, size_t size, const char *format, va_list arguments) {
  return vsnprintf(text, size, format, arguments);
}

#endif
