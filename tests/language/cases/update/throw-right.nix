{ a = 1; } // (throw "right")
