import CSystemCalls

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The name of the program, the command and its arguments, without the options that come before them:
///
/// * `--fault CALL:NTH:…` arms a fault of a system call, as `CSystemCalls.h` describes.
/// * `--calls` prints the system calls on standard error at the end.
/// * `--root FOLDER` says where `/proc` and `/sys` are.
/// * `--unprivileged` makes root become the user 12345 without other groups.
/// * `--one-core` restricts the process to the first of its cores.
let arguments: [String] = {
  var rest = CommandLine.arguments.dropFirst()[...]
  while let option = rest.first, option.hasPrefix("--") {
    rest.removeFirst()
    switch option {
    case "--fault": guard unsafe system_calls_fault(rest.removeFirst()) == 1 else { exit(64) }
    case "--calls": system_calls_print()
    case "--root": unsafe system_calls_root(strdup(rest.removeFirst()))
    case "--unprivileged": becomeUnprivileged()
    case "--one-core": guard system_calls_one_core() == 1 else { exit(71) }
    default: exit(64)
    }
  }
  return [CommandLine.arguments[0]] + rest
}()

func number(_ index: Int) -> Int { index < arguments.count ? Int(arguments[index]) ?? 0 : 0 }

private func becomeUnprivileged() {
  guard geteuid() == 0 else { return }
  guard setgroups(0, nil) == 0, setgid(12345) == 0, setuid(12345) == 0 else { exit(71) }
}

/// Waits until `condition` holds, but at most ten seconds.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<100_000 {
    if condition() { return true }
    usleep(100)
  }
  return false
}
