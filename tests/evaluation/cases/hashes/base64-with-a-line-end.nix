builtins.convertHash { hash = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOW\nF3qctBD/YfIAFa0="; toHashFormat = "base16"; }
