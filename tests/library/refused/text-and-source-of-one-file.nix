{ environment.etc.x = { text = "a"; source = "/b"; }; }
