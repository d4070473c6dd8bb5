"""The waist: what was built, as data; numbered links to it."""
