"${{ __toString = self: throw "method"; }}"
