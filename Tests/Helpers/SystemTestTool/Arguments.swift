import CSystemCalls

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The program, the command and what belongs to it, without the options in front of them:
///
/// * `--fault CALL:NTH:…`: a fault of a system call, as `CSystemCalls.h` says.
/// * `--calls`: the system calls, at the end, on standard error.
/// * `--root FOLDER`: where `/proc` and `/sys` are.
/// * `--unprivileged`: root becomes the user 12345, who has no other groups.
/// * `--one-core`: only the first of the cores that this process may use.
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

/// Waits until `condition` holds, ten seconds at most.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<100_000 {
    if condition() { return true }
    usleep(100)
  }
  return false
}
