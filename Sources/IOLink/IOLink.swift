/// Everything that an application needs: the core, the files and threads of the system, and all codecs of this package.
///
/// A codec imports `IOLinkCore` alone. An application that wants few formats imports `IOLinkCore`, `IOLinkSystem` and the
/// plugins that it names, and links nothing else.
@_exported public import IOLinkCore
@_exported public import IOLinkFormats
@_exported public import IOLinkSystem

extension CodecRegistry {
  /// All codecs of this package, on all cores that the process may use, with one cache for everything.
  public static var standard: CodecRegistry { CodecRegistry(StandardCodecs.all, runtime: .shared) }
}
