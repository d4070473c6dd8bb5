{ name = "package"; other = import ./other.nix; }
