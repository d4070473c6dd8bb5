let
  a = derivation { name = "a"; builder = ../files/script.sh; system = "x86_64-linux"; };
  b = derivation { name = "b"; builder = "${a}"; system = "x86_64-linux"; outputs = [ "out" "man" ]; };
in (derivation { name = "c"; builder = "/bin/sh"; system = "x86_64-linux"; x = b.drvPath; }).drvPath
