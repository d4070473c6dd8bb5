# <nix/fetchurl.nix>: downloads a file with a builder of the store's own, so that it depends on no packages.
{
  url,
  name ? baseNameOf (toString url),
  hash ? "", # says its algorithm itself
  md5 ? "",
  sha1 ? "",
  sha256 ? "",
  sha512 ? "",
  outputHash ? null,
  outputHashAlgo ? null,
  executable ? false,
  unpack ? false,
  impure ? false,
  system ? "", # accepted and ignored: the builder runs everywhere
}:

let
  # The first that is given counts; sha256 where none is.
  candidates = [
    { algorithm = ""; value = hash; }
    { algorithm = "sha512"; value = sha512; }
    { algorithm = "sha1"; value = sha1; }
    { algorithm = "md5"; value = md5; }
  ];
  given = builtins.filter (candidate: candidate.value != "") candidates;
  chosen = builtins.head (given ++ [ { algorithm = "sha256"; value = sha256; } ]);

  # A single file is hashed by its bytes; everything else by its archive.
  mode = if executable || unpack then "recursive" else "flat";
in
if impure then
  throw "fetchurl: impure derivations are Nix's experimental feature 'impure-derivations', which is not supported"
else
  derivation {
    inherit name url executable unpack;
    builder = "builtin:fetchurl";
    system = "builtin";
    urls = [ url ];
    outputHash = if outputHash == null then chosen.value else outputHash;
    outputHashAlgo = if outputHashAlgo == null then chosen.algorithm else outputHashAlgo;
    outputHashMode = mode;

    # Part of the derivation since ever, so part of its store path.
    preferLocalBuild = true;
    impureEnvVars = map (scheme: "${scheme}_proxy") [ "http" "https" "ftp" "all" "no" ];
  }
