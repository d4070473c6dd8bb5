import <nix/surely-not-there.nix>
