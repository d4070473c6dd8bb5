{ "assert" = 1; "else" = 2; "rec" = 3; "with" = 4; or = 5; }
