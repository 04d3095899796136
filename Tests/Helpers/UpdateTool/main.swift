import IOLink

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

// `UpdateTool FILE FIRST END VALUE` opens a uint16 image for update and sets these columns of every row, row by row.

let arguments = CommandLine.arguments
func number(_ index: Int) -> Int { Int(arguments[index]) ?? 0 }

do throws(IOLinkError) {
  let images = try CodecRegistry.standard.open(arguments[1], access: .update)
  let image = try images.image()
  guard image.capabilities.contains(.write) else { exit(69) }
  var pixels: [UInt8] = []
  for _ in number(2)..<number(3) { pixels.append(UInt16(number(4)), order: .native) }
  for row in 0..<image.shape[1] {
    let region = try Region(origin: [number(2), row], size: [number(3) - number(2), 1])
    let layout = try StridedLayout(dense: region.size, .uint16)
    try image.write(region, from: unsafe pixels.span.bytes, layout: layout, context: .default)  // bytes have no padding
  }
} catch {
  let text = "\(error)\n"
  _ = unsafe text.withCString { unsafe write(2, $0, strlen($0)) }  // the string's own characters
  exit(74)
}
