"${{ outPath = { outPath = { outPath = "deep"; }; }; }}"
