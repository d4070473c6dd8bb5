let c = toHashFormat: builtins.convertHash { hash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; inherit toHashFormat; };
in map c [ "base16" "nix32" "base32" "base64" "sri" ]
