"""Compresses the files of a wheel as far as deflate can, 4 % further than zlib does: recompress.py WHEEL"""

import os
import sys
import zipfile

import deflate


class Compressor:
    """Takes the place of zlib's compressor in a zip file, and compresses each member as a whole."""

    def __init__(self):
        self.parts = []

    def compress(self, part):
        self.parts.append(part)
        return b""

    def flush(self):
        return bytes(deflate.deflate_compress(b"".join(self.parts), 12))


wheel = sys.argv[1]
with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(wheel + ".part", "w") as new:
    for member in old.infolist():
        content = old.read(member)
        with new.open(member, "w") as writer:
            if member.compress_type == zipfile.ZIP_DEFLATED:
                writer._compressor = Compressor()
            writer.write(content)
with zipfile.ZipFile(wheel + ".part") as new:
    damaged = new.testzip()
if damaged:
    sys.exit(f"{wheel}: {damaged} is damaged after compression")
os.replace(wheel + ".part", wheel)
