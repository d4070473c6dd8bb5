builtins.readFile { outPath = toString ../files/plain.txt; }
