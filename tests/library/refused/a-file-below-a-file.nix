{ environment.etc."app".text = "1"; environment.etc."app/conf".text = "2"; }
