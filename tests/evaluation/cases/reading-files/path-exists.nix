map builtins.pathExists [ ../files/plain.txt ../files/nothing ../files/tree ../files/link ../files/broken ../files/nothing/below ../files/plain.txt/below "/" ]
