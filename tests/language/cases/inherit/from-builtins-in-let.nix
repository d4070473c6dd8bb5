let inherit (builtins) head tail; in head (tail [1 2])
