[ (baseNameOf /a/b) (dirOf /a/b) (dirOf /a) (dirOf /.) (baseNameOf { outPath = "/x/y"; }) ]
