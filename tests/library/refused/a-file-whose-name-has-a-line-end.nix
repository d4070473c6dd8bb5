{ environment.etc."a\nb".text = ""; }
