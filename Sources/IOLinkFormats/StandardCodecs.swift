import HDF5Plugin
public import IOLink
import NPYPlugin
import PNGPlugin
import RawPlugin
import TIFFPlugin

extension CodecRegistry {
  /// The codecs of this package: the one list of them.
  public static var standard: CodecRegistry {
    CodecRegistry([RawCodec(), NPYCodec(), NPZCodec(), PNGCodec(), TIFFCodec(), HDF5Codec()])
  }
}
