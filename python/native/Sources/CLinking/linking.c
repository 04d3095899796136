#include "CLinking.h"

#ifdef __linux__
extern FILE *__real_stderr;

// Debian compiles its static archives for programs, which address a variable of the C library directly. A shared library cannot do that,
// so libtiff, libjpeg and blosc are given one of its own.
FILE *__wrap_stderr;
__attribute__((constructor(101))) static void find_stderr(void) { __wrap_stderr = __real_stderr; }

// The names of characters (`Unicode.Scalar.Properties.name`) are 550 KB of the standard library; their ages, scripts, categories and
// places where words break are another 60 KB. Nothing here asks for them: with these functions in place of its own, no character has any.
intptr_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *name, intptr_t capacity) { return 0; }
uint16_t __wrap__swift_stdlib_getAge(uint32_t scalar) { return UINT16_MAX; }
uint8_t __wrap__swift_stdlib_getScript(uint32_t scalar) { return UINT8_MAX; }
const uint8_t *__wrap__swift_stdlib_getScriptExtensions(uint32_t scalar, uint8_t *count) { return 0; }
uint8_t __wrap__swift_stdlib_getWordBreakProperty(uint32_t scalar) { return UINT8_MAX; }
// Unassigned, by the number that the standard library has for it.
uint8_t __wrap__swift_stdlib_getGeneralCategory(uint32_t scalar) { return 29; }
#endif
