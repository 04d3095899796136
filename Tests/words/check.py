#!/usr/bin/env python3
"""Checks the words of the project.

1. No tracked text holds a phrase of `phrases.txt` (a line of it is searched for as it stands, its final space included).
2. Every public declaration of `Sources/IOLinkCore` has a documentation comment, and one that throws says by code what it
   throws. The comment of a declaration that implements a protocol's requirement is inherited, so an `extension` or type may
   leave it out; the requirement itself may not.

Exits with 1 and prints `file:line: what is wrong` for each finding. Paths given as arguments restrict the search to them.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = "Tests/words/"
CODES = ("unrecognized", "malformed", "truncated", "unsupported", "limitExceeded", "invalidArgument", "notFound", "io", "cancelled")
TEXT = (".swift", ".md", ".py", ".pyi", ".h", ".c", ".sh", ".toml", ".modulemap", ".json", ".txt", ".tutorial", "")

DECLARATION = re.compile(
    r"^(?:@[\w.]+(?:\([^)]*\))?\s+)*(?:(?:static|final|mutating|nonmutating|override|convenience|indirect|unsafe|nonisolated)\s+)*"
    r"(?:(?:case|func|init|subscript|var|let|struct|class|enum|protocol|actor|typealias|associatedtype)\b|prefix func|init\?)")
THROWS = re.compile(r"\bthrows\b")


def tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listing.stdout.splitlines() if not name.startswith(HERE)]


def phrases() -> list[str]:
    lines = (ROOT / HERE / "phrases.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def phrase_findings(names: list[str]) -> list[str]:
    unwanted = phrases()
    findings = []
    for name in names:
        path = ROOT / name
        if path.suffix not in TEXT or name.startswith("fixtures/") and path.suffix != ".md" or not path.is_file() or path.is_symlink():
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            # A sentence may be broken anywhere: the end of a line counts as a space.
            findings += [f'{name}:{number}: "{phrase}"' for phrase in unwanted if phrase in line + " "]
    return findings


def public_declarations(text: str):
    """Yields (line number, declaration, comment) of each public declaration and of each requirement of a public protocol."""
    comment: list[str] = []
    depth = 0
    protocol_depth = enum_depth = extension_depth = None
    lines = text.splitlines()
    for index, line in enumerate(lines):
        code = line.strip()
        if code.startswith("///"):
            comment.append(code[3:].strip())
            continue
        if code.startswith("@") and not DECLARATION.match(code) and "public" not in code:
            continue
        plain = re.sub(r'"(?:\\.|[^"\\])*"', '""', code.split("//")[0])
        in_protocol = protocol_depth is not None and depth == protocol_depth + 1
        in_enum = enum_depth is not None and depth == enum_depth + 1
        in_extension = extension_depth is not None and depth == extension_depth + 1
        stripped = re.sub(r"\bpublic\s+", "", plain)
        is_public = stripped != plain and "extension" not in plain.split("{")[0]
        is_member = in_protocol or (in_enum and stripped.startswith("case ")) or in_extension and not plain.startswith(
            ("private", "fileprivate", "internal"))
        if (is_public or is_member) and DECLARATION.match(stripped):
            # A signature may run over several lines, up to its body.
            signature, follow = plain, index + 1
            while "{" not in signature and signature.count("(") > signature.count(")") and follow < len(lines):
                signature += " " + lines[follow].strip()
                follow += 1
            while "{" not in signature and follow < len(lines) and lines[follow].strip().startswith(("throws", "->", "where")):
                signature += " " + lines[follow].strip()
                follow += 1
            yield index + 1, signature, comment
        opening = plain.count("{") - plain.count("}")
        if opening > 0 and re.search(r"\bpublic\s+(?:\w+\s+)*protocol\b", plain):
            protocol_depth = depth
        if opening > 0 and re.search(r"\bpublic\s+(?:\w+\s+)*enum\b", plain):
            enum_depth = depth
        if opening > 0 and re.search(r"\bpublic extension\b", plain):
            extension_depth = depth
        depth += opening
        if protocol_depth is not None and depth <= protocol_depth:
            protocol_depth = None
        if enum_depth is not None and depth <= enum_depth:
            enum_depth = None
        if extension_depth is not None and depth <= extension_depth:
            extension_depth = None
        comment = []


def signature_of(declaration: str) -> str:
    """What names a member: its base name and labels."""
    match = re.search(r"\b(?:func|var|let)\s+(`?\w+`?|[^\s(\w]+)|\b(init|subscript)\b", declaration)
    return (match.group(1) or match.group(2)) if match else declaration


def documentation_findings(names: list[str]) -> list[str]:
    core = [name for name in names if name.startswith("Sources/IOLinkCore/") and name.endswith(".swift")]
    everything = [name for name in tracked() if name.startswith("Sources/IOLinkCore/") and name.endswith(".swift")]
    requirements: set[str] = {"description", "debugDescription", "hash", "==", "<", "makeIterator", "next", "index", "startIndex", "endIndex"}
    for name in everything:
        text = (ROOT / name).read_text()
        for block in re.findall(r"public protocol[^{]*\{.*?\n\}", text, flags=re.S):
            requirements |= {signature_of(line) for line in block.splitlines() if re.search(r"\b(func|var|init|subscript)\b", line)}
    findings = []
    for name in core:
        inside_protocol = ""
        for number, declaration, comment in public_declarations((ROOT / name).read_text()):
            inherited = "public" in declaration and signature_of(declaration) in requirements
            if not comment and not inherited:
                findings.append(f"{name}:{number}: no documentation comment: {declaration[:80]}")
            elif comment and THROWS.search(declaration) and "rethrows" not in declaration:
                text = " ".join(comment)
                throws = text[text.find("- Throws:"):] if "- Throws:" in text else ""
                if not any(f"`{code}`" in throws for code in CODES) and "that `" not in throws and "as ``" not in throws:
                    findings.append(f"{name}:{number}: does not say which codes it throws: {declaration[:80]}")
    return findings


def main() -> int:
    wanted = tuple(sys.argv[1:])
    names = [name for name in tracked() if not wanted or name.startswith(wanted)]
    findings = phrase_findings(names) + documentation_findings(names)
    print("\n".join(findings))
    print(f"{len(findings)} findings in {len(names)} files", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
