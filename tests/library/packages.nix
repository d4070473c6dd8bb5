# `pkgs` of the built-in channel: { "<what>" = { expr; expected; }; }
{ pkgs }:
let
  inherit (pkgs) lib;

  # The packages of another distribution, which has only these.
  on =
    packageManager: names:
    import ../../src/system_manager/library/packages {
      inherit lib;
      distribution = import ./distribution.nix // {
        inherit packageManager;
        packages = lib.genAttrs names (name: pkgs.distribution.packages.curl // { inherit name; });
      };
    };
in
{
  "a package is named after the distribution's version" = {
    expr = pkgs.nginx.name;
    expected = "nginx-1.22.1-9+deb12u3";
  };
  "the version of a package" = {
    expr = pkgs.nginx.version;
    expected = "1.22.1-9+deb12u3";
  };
  "a store path has neither colon nor tilde" = {
    expr = pkgs.redis.name;
    expected = "redis-server-5-7.0.15-1-deb12u1";
  };
  "the version keeps them" = {
    expr = pkgs.redis.version;
    expected = "5:7.0.15-1~deb12u1";
  };
  "names in a file are replaced" = {
    expr = (pkgs.replaceVars ./configurations/keys/template.conf { user = "alice"; number = 3; home = null; }).text;
    expected = "user = alice\nnumber = 3, twice 3\nhome = @home@\nmail = a@b.c @ d\n";
  };
  "and keep the file's own" = {
    expr = (pkgs.replaceVars ./configurations/keys/template.conf { user = "a"; number = "b"; home = "c"; }).name;
    expected = "template.conf";
  };
  "a name that nothing is given for" = {
    expr = (builtins.tryEval (pkgs.replaceVars ./configurations/keys/template.conf { user = "a"; number = "b"; }).text).success;
    expected = false;
  };
  "a name that is not in the file" = {
    expr = (builtins.tryEval (pkgs.replaceVars ./configurations/keys/template.conf { user = "a"; number = "b"; home = "c"; shell = "d"; }).text).success;
    expected = false;
  };
  "an application is checked before it is there" = {
    expr = lib.hasInfix "/bin/bash -n \"$target\"" (pkgs.writeShellApplication { name = "x"; text = "true"; }).buildCommand;
    expected = true;
  };
  "a package that nixpkgs names differently" = {
    expr = pkgs.fd.packageName;
    expected = "fd-find";
  };
  "a program that the distribution renamed" = {
    expr = pkgs.fd.programs;
    expected = "{\"fd\":\"fdfind\"}";
  };
  "a program that Debian has in another package" = {
    expr = [ (on "apt-get" [ "python3" ]).python3.programs (lib.getExe (on "apt-get" [ "gnupg" ]).gnupg == "${(on "apt-get" [ "gnupg" ]).gnupg}/bin/gpg") ];
    expected = [ "{\"python\":\"/usr/bin/python3\",\"python3\":\"/usr/bin/python3\"}" true ];
  };
  "the main program of a package that only brings others" = {
    expr = map (name: baseNameOf (lib.getExe (on "apt-get" [ "default-jdk" "netcat-openbsd" "php-cli" ]).${name})) [ "jdk" "netcat" "php" ];
    expected = [ "java" "nc.openbsd" "php" ];
  };
  "the package itself has no renamed programs" = {
    expr = pkgs.fd-find ? programs;
    expected = false;
  };
  "a package that changed its name, where it has" = {
    expr = (on "dnf" [ "zlib-ng-compat" ]).zlib.packageName;
    expected = "zlib-ng-compat";
  };
  "a package that changed its name, where it has not yet" = {
    expr = (on "dnf" [ "zlib" ]).zlib.packageName;
    expected = "zlib";
  };
  "a package that has both names" = {
    expr = (on "zypper" [ "python313" "python3" ]).python3.packageName;
    expected = "python3";
  };
  "the main program" = {
    expr = lib.getExe pkgs.ripgrep == "${pkgs.ripgrep}/bin/rg";
    expected = true;
  };
  "the package file is fixed by its hash" = {
    expr = pkgs.nginx.file.outputHash;
    expected = builtins.hashString "sha256" "nginx";
  };
  "a package is a derivation" = {
    expr = lib.isDerivation pkgs.curl;
    expected = true;
  };
  "a shell package" = {
    expr = pkgs.bash.shellPath;
    expected = "/bin/bash";
  };
  "a shell package passes the type" = {
    expr = lib.types.shellPackage.check pkgs.bash;
    expected = true;
  };
  "a package of nixpkgs that is missing here is known by name" = {
    expr = pkgs ? docker;
    expected = true;
  };
  "a package that is missing is missing" = {
    expr = pkgs ? nothing-of-that-name;
    expected = false;
  };
  "the platform" = {
    expr = pkgs.stdenv.hostPlatform.isx86_64;
    expected = true;
  };
  "the system" = {
    expr = pkgs.system;
    expected = "x86_64-linux";
  };
  "a text" = {
    expr = (pkgs.writeText "a" "b").text;
    expected = "b";
  };
  "a text is not executable" = {
    expr = (pkgs.writeText "a" "b").executable;
    expected = "";
  };
  "a text at a place" = {
    expr = (pkgs.writeTextDir "share/x.txt" "b").destination;
    expected = "/share/x.txt";
  };
  "its name is that of the file" = {
    expr = (pkgs.writeTextDir "share/x.txt" "b").name;
    expected = "x.txt";
  };
  "a script is executable" = {
    expr = (pkgs.writeScript "a" "b").executable;
    expected = "1";
  };
  "a shell script has the distribution's shell" = {
    expr = (pkgs.writeShellScript "a" "b").text;
    expected = "#!/bin/bash\nb\n";
  };
  "a program" = {
    expr = (pkgs.writeShellScriptBin "a" "b").destination;
    expected = "/bin/a";
  };
  "the path of a program" = {
    expr = lib.hasSuffix "-a/bin/a" (lib.getExe (pkgs.writeShellScriptBin "a" "b"));
    expected = true;
  };
  "a program that stops at the first failure" = {
    expr = (pkgs.writeShellApplication { name = "a"; text = "b"; runtimeEnv.X = "1 2"; }).text;
    expected = "#!/bin/bash\nset -o errexit\nset -o nounset\nset -o pipefail\nX='1 2'\nexport X\n\nb\n";
  };
  "a farm of links" = {
    expr = builtins.fromJSON (pkgs.linkFarm "f" { b = "/2"; a = "/1"; }).entries;
    expected = [ { name = "a"; path = "/1"; } { name = "b"; path = "/2"; } ];
  };
  "priorities in an environment" = {
    expr = map (i: i.priority) (builtins.fromJSON (builtins.unsafeDiscardStringContext (pkgs.buildEnv { name = "e"; paths = [ pkgs.curl (lib.hiPrio pkgs.tree) ]; }).paths));
    expected = [ 5 (-10) ];
  };
  "places in an environment" = {
    expr = (pkgs.buildEnv { name = "e"; paths = [ ]; pathsToLink = [ "/bin" ]; }).pathsToLink;
    expected = "[\"/bin\"]";
  };
  "joined packages" = {
    expr = (pkgs.symlinkJoin { name = "j"; paths = [ pkgs.curl ]; }).builder;
    expected = "builtin:build-env";
  };
  "JSON" = {
    expr = ((pkgs.formats.json { }).generate "x" { a = [ 1 null ]; }).text;
    expected = "{\"a\":[1,null]}\n";
  };
  "YAML" = {
    expr = ((pkgs.formats.yaml { }).generate "x" { a = true; }).text;
    expected = "{\"a\":true}\n";
  };
  "INI" = {
    expr = ((pkgs.formats.ini { }).generate "x" { s = { b = 1; a = "t"; }; }).text;
    expected = "[s]\na=t\nb=1\n";
  };
  "INI with keys written several times" = {
    expr = ((pkgs.formats.ini { listsAsDuplicateKeys = true; }).generate "x" { s.a = [ 1 2 ]; }).text;
    expected = "[s]\na=1\na=2\n";
  };
  "INI with joined values" = {
    expr = ((pkgs.formats.ini { listToValue = lib.concatMapStringsSep "," toString; }).generate "x" { s.a = [ 1 2 ]; }).text;
    expected = "[s]\na=1,2\n";
  };
  "keys and values" = {
    expr = ((pkgs.formats.keyValue { }).generate "x" { a = true; b = "c"; }).text;
    expected = "a=true\nb=c\n";
  };
  "INI with a global section" = {
    expr = ((pkgs.formats.iniWithGlobalSection { }).generate "x" { globalSection.g = 1; sections.s.a = 2; }).text;
    expected = "g=1\n\n[s]\na=2\n";
  };
  "TOML" = {
    expr = ((pkgs.formats.toml { }).generate "x" { a = 1; b = { c = "d"; e.f = [ true ]; }; g = [ { h = 1; } { h = 2; } ]; "odd key" = 1.5; n = null; }).text;
    expected = "a = 1\n\"odd key\" = 1.5\n\n[b]\nc = \"d\"\n\n[b.e]\nf = [true]\n\n[[g]]\nh = 1\n\n[[g]]\nh = 2\n";
  };
  "TOML is read back as it was" = {
    expr = builtins.fromTOML ((pkgs.formats.toml { }).generate "x" { a.b.c = [ [ 1 ] [ ] ]; l = [ { x.y = 1; } ]; s = "\"\n\\"; }).text;
    expected = { a = { b = { c = [ [ 1 ] [  ] ]; }; }; l = [ { x = { y = 1; }; } ]; s = "\"\n\\"; };
  };
  "the configuration of git" = {
    expr = ((pkgs.formats.gitIni { }).generate "x" { user.name = "n"; }).text;
    expected = "[user]\n\tname = \"n\"\n";
  };
  "a variable of a command" = {
    expr = (pkgs.runCommand "r" { X = 1; } "echo").X;
    expected = 1;
  };
  "the shell of a command" = {
    expr = (pkgs.runCommand "r" { } "echo").builder;
    expected = "/bin/bash";
  };
  "the name of a download" = {
    expr = (pkgs.fetchurl { url = "https://example.org/x.tar.gz"; hash = lib.fakeHash; }).name;
    expected = "x.tar.gz";
  };
  "a download is a file" = {
    expr = (pkgs.fetchurl { url = "https://example.org/x"; sha256 = ""; }).outputHashMode;
    expected = "flat";
  };
  "a layer" = {
    expr = (pkgs.extend (final: prev: { curl = prev.tree; mine = final.curl; })).mine.name;
    expected = "tree-2.1.0-1";
  };
  "a called package" = {
    expr = (pkgs.callPackage ({ writeText, word ? "w" }: writeText word "") { }).name;
    expected = "w";
  };
  "a called package with another argument" = {
    expr = ((pkgs.callPackage ({ writeText, word ? "w" }: writeText word "") { }).override { word = "v"; }).name;
    expected = "v";
  };
}
