// What the linker puts in the place of symbols of the same name without `__wrap_` (see Package.swift).
#pragma once
#include <stdint.h>
#include <stdio.h>

extern FILE *__wrap_stderr;
intptr_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *name, intptr_t capacity);
uint16_t __wrap__swift_stdlib_getAge(uint32_t scalar);
uint8_t __wrap__swift_stdlib_getScript(uint32_t scalar);
const uint8_t *__wrap__swift_stdlib_getScriptExtensions(uint32_t scalar, uint8_t *count);
uint8_t __wrap__swift_stdlib_getWordBreakProperty(uint32_t scalar);
uint8_t __wrap__swift_stdlib_getGeneralCategory(uint32_t scalar);
