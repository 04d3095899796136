/// What a file is opened for.
public enum FileAccess: Hashable, Sendable {
  /// Reading only; mapped memory is read-only.
  case read
  /// Reading, and writing within the present size: views of uncompressed pixels get WRITE.
  ///
  /// Each write changes the file at once and is not atomic. `CodecRegistry.write` replaces a file as a whole.
  case update
}
