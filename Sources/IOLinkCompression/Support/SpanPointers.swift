package import IOLinkCore

/// Lends the input and output of one step to a kernel as pointers that are valid only inside `body`.
///
/// The two never overlap, because the output is borrowed exclusively. An empty span is lent with a null base address.
@inline(__always)
package func withPointers<Result>(
  _ input: RawSpan, _ output: inout MutableRawSpan,
  _ body: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) throws(IOLinkError) -> Result
) throws(IOLinkError) -> Result {
  // Both buffers are those of the spans and do not leave the closures.
  try unsafe input.withUnsafeBytes { source throws(IOLinkError) in
    try unsafe output.withUnsafeMutableBytes { target throws(IOLinkError) in
      try unsafe body(source, target)
    }
  }
}

/// Makes an array of at most `capacity` bytes. `fill` writes them and returns how many it wrote.
@inline(__always)
package func makeBytes(
  capacity: Int, from input: RawSpan, _ fill: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Int
) -> [UInt8] {
  unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    // The buffer has `capacity` bytes. Only those that `fill` wrote are declared initialised.
    unsafe input.withUnsafeBytes { source in
      count = unsafe fill(source, UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<capacity]))
    }
    precondition(count >= 0 && count <= capacity, "a kernel wrote \(count) bytes, expected at most \(capacity)")
  }
}
