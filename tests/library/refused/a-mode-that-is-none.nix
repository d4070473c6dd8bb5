{ environment.etc.x = { text = "a"; mode = "rw-r--r--"; }; }
