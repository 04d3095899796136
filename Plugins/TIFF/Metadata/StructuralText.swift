/// Texts that readers of TIFF take for a description of the file's structure.
enum StructuralText {
  /// Whether some reader would obey a text in ImageDescription: ImageJ's and SCIFIO's keys, tifffile's shape, OME-XML and other XML or JSON, and
  /// the headers of slide scanners and microscopes.
  ///
  /// Such a text is only written where it is data: in an element of OME-XML, or under a key of tifffile's JSON.
  static func isObeyed(_ text: String) -> Bool {
    let start = text.drop { $0.isWhitespace || $0 == "\0" || $0 == "\u{FEFF}" }
    return beginnings.contains { start.hasPrefix($0) } || parts.contains { text.hasOccurrence(of: $0) }
  }

  private static let beginnings = [
    "{", "<", "[", "ImageJ", "SCIFIO", "shape=", "Aperio", "state.", "SIMPLE", "SPIFF", "MetaMorph", "MetaSeries",
  ]
  private static let parts = ["OME>", "<OME", "scanimage.", "<scn", "</MetaData>", "DataObject>", "<MetaXpress", "PerkinElmer-QPI"]
}
