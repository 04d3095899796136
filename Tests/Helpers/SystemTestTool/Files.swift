import IOLinkCore
import IOLinkSystem

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

func block(_ count: Int, _ value: Int) -> [UInt8] { [UInt8](repeating: UInt8(truncatingIfNeeded: value), count: count) }

/// `update PATH OFFSET COUNT VALUE`: writes to an existing file, one page at a time.
func update() throws(IOLinkError) {
  let file = try FileRandomAccess(path: arguments[2], access: .update)
  let page = block(4096, number(5))
  for start in stride(from: 0, to: number(4), by: page.count) {
    let part = min(page.count, number(4) - start)
    try file.write(at: number(3) + start, from: unsafe page.span.bytes.extracting(0..<part))
  }
}

/// `replace PATH COUNT VALUE [always|never]`: replaces a file in writes of 1000 bytes, which start at VALUE and go up in steps of 7,
/// and prints `begun` on the way. It starts in the folder of the file and then changes to another folder.
func replace() throws(IOLinkError) {
  let slash = arguments[2].lastIndex(of: "/") ?? arguments[2].startIndex
  guard unsafe chdir(String(arguments[2][..<slash])) == 0 else { exit(66) }
  let replacement = try FileReplacement(target: String(arguments[2][slash...].dropFirst()))
  guard unsafe chdir("/") == 0 else { exit(66) }
  let piece = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7 + number(4)) }
  for written in stride(from: 0, to: number(3), by: piece.count) {
    if written == 0 { print("begun") }
    fflush(nil)
    try replacement.stream.write(piece)
  }
  switch arguments.count > 5 ? arguments[5] : "" {
  case "always": try replacement.commit(.always)
  case "never": try replacement.commit(.never)
  default: try replacement.commit()
  }
}

/// `limited PATH COUNT LIMIT`: replaces a file under a limit on the size of files.
func limited() throws(IOLinkError) {
  Interrupts.reportWriteFailures()
  var limit = rlimit(rlim_cur: rlim_t(number(4)), rlim_max: rlim_t(number(4)))
  _ = unsafe setrlimit(__rlimit_resource_t(UInt32(1)), &limit)  // RLIMIT_FSIZE; one local structure
  let replacement = try FileReplacement(target: arguments[2])
  try replacement.stream.write(block(number(3), 1))
  try replacement.commit()
}

/// `output COUNT [TARGET]`: writes to standard output, or to another name for it.
func output() throws(IOLinkError) {
  Interrupts.reportWriteFailures()
  let replacement = try FileReplacement(target: arguments.count > 3 ? arguments[3] : "-")
  for _ in 0..<number(2) { try replacement.stream.write(block(1000, 65)) }
  try replacement.commit()
}

/// `input LIMIT`: reads standard input and prints the number of bytes and their sum.
func input() throws(IOLinkError) {
  let limit = number(2)
  let source = try DataSource.file("-", spoolLimit: limit > 0 ? limit : nil)
  let bytes = try source.bytes.prefix(.max)
  print(bytes.count, bytes.reduce(0) { $0 + Int($1) })
}

/// `read PATH`: prints the number of bytes, their sum, and whether they can be mapped.
func readFile() throws(IOLinkError) {
  let file = try FileRandomAccess(path: arguments[2])
  let bytes = try file.prefix(.max)
  print(bytes.count, bytes.reduce(0) { $0 + Int($1) }, try file.mapped(0..<file.byteCount) == nil ? "by reading" : "in memory")
}

/// `map PATH START END`: maps a part of a file and releases it.
func mapFile() throws(IOLinkError) {
  let file = try FileRandomAccess(path: arguments[2])
  print(try file.mapped(number(3)..<number(4))?.byteCount ?? -1)
}

/// `sibling FOLDER NAME`: opens a file next to another one.
func sibling() throws(IOLinkError) {
  print(try FolderSiblings(folder: arguments[2]).sibling(named: arguments[3]).bytes.byteCount)
}

/// `resize PATH COUNT`: shortens or extends a file.
func resize() throws(IOLinkError) { try FileStream(path: arguments[2], .update).truncate(to: number(3)) }

/// `many PATH`: opens a file in every way, more often than the limit on open files allows. Prints nothing if every one is closed again.
func many() throws(IOLinkError) {
  var limit = rlimit(rlim_cur: 100, rlim_max: 100)
  guard unsafe setrlimit(__rlimit_resource_t(UInt32(7)), &limit) == 0 else { exit(71) }  // RLIMIT_NOFILE; one local structure
  for _ in 0..<120 {
    let file = try FileRandomAccess(path: arguments[2])
    _ = try file.mapped(0..<file.byteCount)
    let stream = try FileStream(path: arguments[2], .read)
    try stream.close()
    try stream.close()
    let replacement = try FileReplacement(target: arguments[2] + ".new")
    try replacement.commit(.always)
    try FileReplacement(target: "/dev/null").commit()
    try FileReplacement(target: "-").commit()
    _ = MemoryUsage.current
    _ = try FolderSiblings(folder: "/proc/self").sibling(named: "stat")
  }
}

/// `children-get-nothing PATH`: opens a file in every way. Programs that this one starts must not inherit any of it.
func childrenGetNothing() throws(IOLinkError) {
  let inherited = Set((3..<100).filter { fcntl($0, F_GETFD) >= 0 })
  let file = try FileRandomAccess(path: arguments[2])
  let stream = try FileStream(path: arguments[2], .read)
  let replacement = try FileReplacement(target: arguments[2])
  let output = try FileReplacement(target: "-")
  let input = try DataSource.file("-")
  Interrupts.onRequestToStop { _ in }
  withExtendedLifetime((file, stream, replacement, output, input)) {
    let open = (3..<100).filter { fcntl($0, F_GETFD) >= 0 && !inherited.contains($0) }
    print(open.count >= 7 && open.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
  }
}

/// `memory`: allocates and releases more memory than is available at any one time.
func memory() throws(IOLinkError) {
  var limit = rlimit(rlim_cur: 3 << 30, rlim_max: 3 << 30)
  guard unsafe setrlimit(__rlimit_resource_t(UInt32(9)), &limit) == 0 else { exit(71) }  // RLIMIT_AS; one local structure
  for _ in 0..<20 { _ = try HugePageAllocator().allocate(byteCount: 1 << 30, .zeroed) }
}
