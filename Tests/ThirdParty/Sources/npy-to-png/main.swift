import IOLinkCore
import IOLinkSystem
import NPYPlugin
import PNGPlugin

// Two plugins, chosen by hand: nothing else is linked.
let registry = CodecRegistry([NPYCodec(), PNGCodec()], runtime: .shared)
let arguments = CommandLine.arguments
guard arguments.count == 3 else { throw IOLinkError(.invalidArgument, "usage: npy-to-png INPUT OUTPUT") }
let report = try registry.convert(arguments[1], to: arguments[2])
print("\(report.pixelByteCount) bytes of pixels, \(report.lost.count) lost")
