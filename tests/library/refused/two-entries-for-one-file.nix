{ environment.etc.a = { target = "x"; text = "1"; }; environment.etc.b = { target = "x"; text = "2"; }; }
