// swift-tools-version: 6.2
import PackageDescription

/// One program with all fuzz targets. `run.sh` builds it with libFuzzer and the address sanitizer; it needs `-enable-testing`, because
/// some targets call the parsers of a plugin directly.
let package = Package(
  name: "iolink-fuzz",
  products: [.executable(name: "iolink-fuzz", targets: ["iolink-fuzz"])],
  dependencies: [.package(name: "IOLink", path: "../..")],
  targets: [
    .target(name: "CLibFuzzer", path: "CLibFuzzer"),
    .executableTarget(
      name: "iolink-fuzz",
      dependencies: ["CLibFuzzer"]
        + ["IOLinkCore", "IOLinkCompression", "NPYPlugin", "RawPlugin", "PNGPlugin", "TIFFPlugin", "HDF5Plugin"].map {
          .product(name: $0, package: "IOLink")
        },
      path: "Sources",
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
