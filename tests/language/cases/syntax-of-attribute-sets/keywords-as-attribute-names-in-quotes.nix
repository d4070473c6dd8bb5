{ "let" = 1; "in" = 2; "then" = 3; }."let"
