"${{ __toString = self: { outPath = "p"; }; }}"
