import HDF5Plugin
public import IOLinkCore
import NPYPlugin
import PNGPlugin
import RawPlugin
import TIFFPlugin

/// The list of the codecs in this package.
public enum StandardCodecs {
  /// One codec for each format, in order of registration.
  public static var all: [any Codec] { [RawCodec(), NPYCodec(), NPZCodec(), PNGCodec(), TIFFCodec(), HDF5Codec()] }
}
