/** Commands that make a store path, run with the machine's own shell and tools; and downloads. */
{ lib, pkgs, distribution, ... }:

let
  inherit (builtins) head match;

  needsNixpkgs =
    what:
    throw "pkgs.${what} builds software from source, which the built-in channel does not do: it has the distribution's packages. Give nixpkgs to the configuration to use it";

  runCommand =
    name: environment: buildCommand:
    derivation (
      {
        PATH = "${
          lib.optionalString (environment ? nativeBuildInputs) "${lib.makeBinPath environment.nativeBuildInputs}:"
        }/usr/local/bin:/usr/bin:/bin";
      }
      // removeAttrs environment [
        "meta"
        "passthru"
      ]
      // {
        inherit name buildCommand;
        inherit (distribution) system;
        builder = pkgs.runtimeShell;
        args = [
          "-e"
          "-c"
          ". \"$buildCommandPath\""
        ];
        passAsFile = [ "buildCommand" ] ++ environment.passAsFile or [ ];
      }
    )
    // {
      meta = environment.meta or { };
    }
    // environment.passthru or { };

  # "sha256-…" (SRI), or the older spelling with an attribute named after the algorithm.
  hashOf =
    arguments:
    if arguments ? hash then
      {
        outputHash = if arguments.hash == "" then lib.fakeHash else arguments.hash;
        outputHashAlgo = head (match "([a-z0-9]+)-.*" (if arguments.hash == "" then lib.fakeHash else arguments.hash));
      }
    else if arguments ? sha256 then
      {
        outputHash = if arguments.sha256 == "" then lib.fakeSha256 else arguments.sha256;
        outputHashAlgo = "sha256";
      }
    else if arguments ? sha512 then
      {
        outputHash = arguments.sha512;
        outputHashAlgo = "sha512";
      }
    else
      throw "fetchurl needs the hash of what it fetches (hash or sha256); \"\" stands for one that is not known yet";
in
{
  inherit runCommand;
  runCommandLocal = runCommand;

  fetchurl =
    arguments@{
      url ? head arguments.urls,
      name ? baseNameOf url,
      executable ? false,
      ...
    }:
    derivation (
      {
        inherit name url executable;
        system = "builtin";
        builder = "builtin:fetchurl";
        urls = arguments.urls or [ url ];
        unpack = false;
        outputHashMode = if executable then "recursive" else "flat";
        preferLocalBuild = true;
        impureEnvVars = lib.fetchers.proxyImpureEnvVars;
      }
      // hashOf arguments
    );

  # A manifest; the builder adds every package of the distribution that something in it refers to.
  writeManifest =
    text:
    derivation (
      {
        name = "manifest.json";
        inherit text;
        system = "builtin";
        builder = "builtin:distro-manifest";
        preferLocalBuild = true;
      }
      // lib.optionalAttrs (pkgs.lockedDependencies != [ ]) { dependencies = pkgs.lockedDependencies; }
    );

  stdenv = {
    hostPlatform = pkgs.hostPlatform;
    buildPlatform = pkgs.hostPlatform;
    targetPlatform = pkgs.hostPlatform;
    inherit (distribution) system;
    inherit (pkgs.hostPlatform) isLinux isDarwin isx86_64 isAarch64 is64bit;
    shell = pkgs.runtimeShell;
    mkDerivation = needsNixpkgs "stdenv.mkDerivation";
    cc = needsNixpkgs "stdenv.cc";
  };
}
