map builtins.readFileType [ ../files/tree ../files/plain.txt ../files/link ../files/tree-link ../files/broken /dev/null ]
