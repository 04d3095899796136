import ArgumentParser

@main
struct IOLinkTool: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "iolink", abstract: "Opens, converts and compares scientific images.")
}
