"${{ outPath = throw "out"; }}"
