internal import IOLink
