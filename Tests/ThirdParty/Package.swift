// swift-tools-version: 6.2
import PackageDescription

/// A package as somebody else would write it: a codec of a format of its own that keeps the laws, and a program that links
/// two plugins of the library and nothing else. `make test-third-party` builds and runs it.

/// A package that is found by its path goes by the name of its folder, whatever the checkout is called.
let library = Context.packageDirectory.split(separator: "/").dropLast(2).last.map(String.init) ?? "iolink"

let package = Package(
  name: "third-party",
  products: [.library(name: "FarbfeldCodec", targets: ["FarbfeldCodec"])],
  dependencies: [.package(path: "../..")],
  targets: [
    .target(name: "FarbfeldCodec", dependencies: [.product(name: "IOLinkCore", package: library)]),
    .executableTarget(
      name: "npy-to-png",
      dependencies: [
        .product(name: "IOLinkCore", package: library), .product(name: "IOLinkSystem", package: library),
        .product(name: "NPYPlugin", package: library), .product(name: "PNGPlugin", package: library),
      ]),
    .testTarget(
      name: "FarbfeldTests",
      dependencies: [
        "FarbfeldCodec", .product(name: "IOLinkCore", package: library), .product(name: "IOLinkSystem", package: library),
        .product(name: "IOLinkTesting", package: library),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
