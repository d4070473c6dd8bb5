"""The live machine under an injected root: readers are pure parsers, verbs are small."""
