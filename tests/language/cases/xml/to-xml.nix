builtins.toXML { a = 1; b = [ true null 1.5 "<&>\"'\n" ]; c = x: x; d = { x, y ? 1, ... }: x; e = { z }@w: z; f = ./x; }
