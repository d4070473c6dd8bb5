/**
  `pkgs` of the built-in channel.

  A name is, in this order: one of the builders and tools below; a name that nixpkgs and the distribution
  spell differently (names/); the distribution's package of that name.

  Inputs
    lib           this library's lib
    distribution  { id, versionId, system, packages }, where `packages` maps the distribution's names to
                  { name, version, architecture, sha256, size, fileName }; optionally packageManager (the name of
                  its program), and from a lock file locked and dependencies (a list of the same)
    overlays      [ final: prev: { … } ]
    config        what the configuration says under nixpkgs.config
*/
{
  lib,
  distribution,
  overlays ? [ ],
  config ? { },
}:

let
  base =
    pkgs:
    let
      context = { inherit lib pkgs distribution; };
      distro = import ./distribution.nix context;
      writers = import ./writers.nix context;
      farms = import ./farms.nix context;
      run = import ./run.nix context;
      platform = lib.systems.elaborate distribution.system;
    in
    distro
    // {
      inherit (writers)
        concatText
        concatTextFile
        replaceVars
        replaceVarsWith
        writeScript
        writeScriptBin
        writeShellApplication
        writeShellScript
        writeShellScriptBin
        writeText
        writeTextDir
        writeTextFile
        ;
      inherit (farms)
        buildEnv
        linkFarm
        linkFarmFromDrvs
        symlinkJoin
        ;
      inherit (run)
        fetchurl
        runCommand
        runCommandLocal
        stdenv
        writeManifest
        ;

      inherit lib config distribution;
      inherit (distribution) system;
      formats = import ./formats.nix context;
      writers = {
        writeBash = writers.writeShellScript;
        writeBashBin = writers.writeShellScriptBin;
      };
      emptyFile = writers.writeText "empty-file" "";
      emptyDirectory = farms.linkFarm "empty-directory" [ ];

      stdenvNoCC = run.stdenv;
      hostPlatform = platform;
      buildPlatform = platform;
      targetPlatform = platform;

      runtimeShell = "/bin/bash";
      runtimeShellPackage = pkgs.bash;

      callPackage = lib.callPackageWith pkgs;
      callPackages = lib.callPackagesWith pkgs;
      newScope = extra: lib.callPackageWith (pkgs // extra);
      extend = layer: import ./. {
        inherit lib distribution config;
        overlays = overlays ++ [ layer ];
      };
      appendOverlays = layers: import ./. {
        inherit lib distribution config;
        overlays = overlays ++ layers;
      };

      _type = "pkgs";
    };

  layered = builtins.foldl' (lower: layer: lib.extends layer lower) base overlays;
in
lib.fix layered
