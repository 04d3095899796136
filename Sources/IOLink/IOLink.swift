/// Everything that an application needs: the core, files and threads, and all codecs of this package.
///
/// A codec imports only `IOLinkCore`. An application that needs few formats imports `IOLinkCore`, `IOLinkSystem` and the plugins of
/// those formats, and links nothing else.
@_exported public import IOLinkCore
@_exported public import IOLinkFormats
@_exported public import IOLinkSystem

extension CodecRegistry {
  /// A registry of all codecs of this package, with the runtime that all such registries share.
  public static let standard = CodecRegistry(StandardCodecs.all, runtime: .shared)
}
