let f = import <nix/fetchurl.nix>; zeros = "0000000000000000000000000000000000000000000000000000000000000000"; in map (d: d.drvPath) [
  (f { url = "http://example.org/a.tar.gz"; sha256 = zeros; })
  (f { url = "http://example.org/a.tar.gz"; sha256 = zeros; name = "b"; unpack = true; })
  (f { url = "http://example.org/a"; hash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; executable = true; system = "x"; })
  (f { url = "http://example.org/a"; sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"; })
  (f { url = "http://example.org/a"; md5 = "d41d8cd98f00b204e9800998ecf8427e"; })
]
