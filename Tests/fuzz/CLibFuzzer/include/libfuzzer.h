#ifndef IOLINK_LIBFUZZER_H
#define IOLINK_LIBFUZZER_H

/// Calls `LLVMFuzzerTestOneInput` with inputs until time, the number of runs or a finding ends it.
///
/// @param arguments The options of libFuzzer, after the name of the program.
int iolink_fuzz(int argument_count, char **arguments);

#endif
