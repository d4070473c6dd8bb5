(derivation { name = "arguments"; builder = "/bin/sh"; system = "x86_64-linux"; args = [ "-c" 1 true null [ "a" "b" ] "echo $out" ]; }).drvPath
