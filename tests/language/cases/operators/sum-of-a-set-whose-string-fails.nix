{ outPath = throw "left"; } + (throw "right")
