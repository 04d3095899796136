#include "CLinking.h"

#ifdef __linux__
extern FILE *__real_stderr;

// Debian compiles its static archives for programs, which address a variable of the C library directly. A shared library cannot do that,
// so libtiff, libjpeg and blosc are given one of its own.
FILE *__wrap_stderr;
__attribute__((constructor(101))) static void find_stderr(void) { __wrap_stderr = __real_stderr; }

// The names of characters (`Unicode.Scalar.Properties.name`) are 550 KB of the standard library. Nothing here asks for them: with this
// function in place of its own, no character has a name.
intptr_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *name, intptr_t capacity) { return 0; }
#endif
