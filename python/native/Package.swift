// swift-tools-version: 6.2
import PackageDescription

/// The extension module `iolink._core`. A package of its own, so that building the library never needs Python.
///
/// Without strict memory safety: nearly every line here deals with the interpreter's pointers, and to mark each says nothing.
///
/// `setup.py` gives the include path of the Python that builds it. The module uses the stable ABI of Python 3.11.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// What keeps the module small on Linux: it exports one function; what that does not reach is left out; functions of equal code
/// are one, which nothing here tells apart by their addresses; what is alike lies together, where the wheel's compression finds it.
let linking =
  ["--gc-sections", "--icf=all", "--bp-compression-sort=function", "-s", "--version-script=\(Context.packageDirectory)/exports.map"]
  + ["--script=\(Context.packageDirectory)/no-unwinding.ld", "--no-eh-frame-hdr", "--wrap=stderr"]
  + ["ScalarName", "Age", "Script", "ScriptExtensions", "GeneralCategory", "WordBreakProperty"].map { "--wrap=_swift_stdlib_get\($0)" }

/// A package that is found by its path goes by the name of its folder, whatever the checkout is called.
let library = Context.packageDirectory.split(separator: "/").dropLast(2).last.map(String.init) ?? "iolink"

let package = Package(
  name: "IOLinkPython",
  products: [.library(name: "iolink_core", type: .dynamic, targets: ["IOLinkPython"])],
  dependencies: [.package(path: "../..")],
  targets: [
    .systemLibrary(name: "CPython", path: "Sources/CPython"),
    .target(name: "CLinking", path: "Sources/CLinking"),
    .executableTarget(
      name: "ReadTimer",
      dependencies: [
        .product(name: "IOLink", package: library),
        .product(name: "IOLinkSerialization", package: library),
        .product(name: "IOLinkTables", package: library),
      ],
      path: "Sources/ReadTimer",
      swiftSettings: settings),
    .target(
      name: "IOLinkPython",
      dependencies: [
        "CLinking",
        "CPython",
        .product(name: "HDF5Plugin", package: library),
        .product(name: "IOLink", package: library),
        .product(name: "IOLinkSerialization", package: library),
        .product(name: "IOLinkTables", package: library),
      ],
      path: "Sources/IOLinkPython",
      swiftSettings: settings + [.unsafeFlags(["-Osize"])],
      linkerSettings: [
        .unsafeFlags(["-use-ld=lld"] + linking.flatMap { ["-Xlinker", $0] }, .when(platforms: [.linux])),
        .unsafeFlags(["-Xlinker", "-undefined", "-Xlinker", "dynamic_lookup"], .when(platforms: [.macOS])),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
