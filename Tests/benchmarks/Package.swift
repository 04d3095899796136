// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "iolink-benchmarks",
  products: [.executable(name: "iolink-bench", targets: ["iolink-bench"])],
  dependencies: [.package(name: "IOLink", path: "../..")],
  targets: [
    .target(name: "CAllocations", path: "CAllocations"),
    .executableTarget(
      name: "iolink-bench",
      dependencies: ["CAllocations"]
        + ["IOLink", "IOLinkCore", "IOLinkCompression", "IOLinkSystem"].map { .product(name: $0, package: "IOLink") },
      path: "Sources",
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
