package import IOLinkCore

/// Lends input and output of one step to a kernel as pointers, which are valid inside `body` only.
///
/// The two never overlap: the output is borrowed exclusively. A span without bytes is lent with a null base address.
@inline(__always)
package func withPointers<Result>(
  _ input: RawSpan, _ output: inout MutableRawSpan,
  _ body: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) throws(IOLinkError) -> Result
) throws(IOLinkError) -> Result {
  // Both buffers are the spans' own and do not leave the closures.
  try unsafe input.withUnsafeBytes { source throws(IOLinkError) in
    try unsafe output.withUnsafeMutableBytes { target throws(IOLinkError) in
      try unsafe body(source, target)
    }
  }
}

/// An array of at most `capacity` bytes, filled by `fill`, which returns how many it wrote (at most `capacity`).
@inline(__always)
package func makeBytes(
  capacity: Int, from input: RawSpan, _ fill: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Int
) -> [UInt8] {
  unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    // The buffer has `capacity` bytes; only those that `fill` wrote are declared initialised.
    unsafe input.withUnsafeBytes { source in
      count = unsafe fill(source, UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<capacity]))
    }
    precondition(count >= 0 && count <= capacity, "a kernel wrote \(count) of \(capacity) bytes")
  }
}
