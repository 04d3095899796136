public import IOLink
