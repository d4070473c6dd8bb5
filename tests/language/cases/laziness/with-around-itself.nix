let a = with a; { }; in with a; b
