/// The purpose for which a file is opened.
public enum FileAccess: Hashable, Sendable {
  /// Reading only. Mapped memory is read-only.
  case read
  /// Reading, and writing within the present size. Views of uncompressed pixels have WRITE.
  ///
  /// Each write changes the file at once and is not atomic. `CodecRegistry.write` replaces a file as a whole.
  case update
}
