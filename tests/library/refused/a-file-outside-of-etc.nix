{ environment.etc."../root/x".text = "a"; }
