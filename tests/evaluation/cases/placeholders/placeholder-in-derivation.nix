(derivation { name = "placed"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" ]; flags = "--dev=${placeholder "dev"} --out=${placeholder "out"}"; }).drvPath
