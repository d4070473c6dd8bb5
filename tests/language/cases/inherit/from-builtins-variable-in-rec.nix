let inherit (builtins) head; in rec {inherit head; x = head [2];}.x
