"${{ __toString = "no function"; }}"
