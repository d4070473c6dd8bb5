builtins.fetchurl "file://${toString ../files/nothing}"
