# A graph of derivations: strings with contexts, hashes, and many environment variables.
let
  inherit (builtins) elemAt genList;
  count = 2000;
  package = n: derivation {
    name = "package-${toString n}";
    version = "1.${toString n}";
    system = "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-c" "echo ${toString n} > $out" ];
    outputs = if n / 5 * 5 == n then [ "out" "dev" ] else [ "out" ];
    inputs = map (i: elemAt packages i) (builtins.filter (i: i >= 0) [ (n - 1) (n - 2) (n - 17) ]);
    flags = [ "--prefix" "/usr" "--with-${toString n}" ];
    script = "for i in ${toString (map (i: elemAt packages i) (genList (i: i) (if n < 4 then n else 4)))}; do :; done";
    enableParallel = true;
  };
  packages = genList package count;
in
builtins.foldl' (_: one: one.drvPath) null packages
