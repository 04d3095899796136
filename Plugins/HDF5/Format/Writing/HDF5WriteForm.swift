/// The generation of structures of which a file consists.
enum HDF5WriteForm: Hashable, Sendable {
  /// Superblock 0, object headers 1, groups with tables of symbols, chunk indexes in trees of version 1. Every version of HDF5 reads it.
  case oldest
  /// Superblock 3, object headers 2 with checksums, groups with links, layout messages 4 with the chunk indexes that HDF5 1.10 chooses.
  /// HDF5 1.10 and later read it.
  case latest
}
