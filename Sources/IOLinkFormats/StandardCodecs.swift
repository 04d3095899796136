import HDF5Plugin
public import IOLinkCore
import NPYPlugin
import PNGPlugin
import RawPlugin
import TIFFPlugin

/// The codecs of this package: the one list of them.
public enum StandardCodecs {
  public static var all: [any Codec] { [RawCodec(), NPYCodec(), NPZCodec(), PNGCodec(), TIFFCodec(), HDF5Codec()] }
}
