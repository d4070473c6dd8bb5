/**
  Entry of the library: from modules to the toplevel of a machine.

  Inputs
    distribution   the machine's packages, { id, versionId, system, packages } (see packages/default.nix);
                   not needed with `nixpkgs`
    nixpkgs        a nixpkgs tree to take `lib` and `pkgs` from; without it the built-in channel is used
    lib            the library for modules; that of nixpkgs, or the one in ./lib
    configuration  a module, the path of one, or a list of those; what `toplevel` and `config` are made from
    specialArgs, overlays  as in makeSystemConfig

  Output
    { toplevel, config, options, pkgs, lib, manifest, makeSystemConfig }
*/
{
  distribution ? null,
  nixpkgs ? null,
  lib ? if nixpkgs == null then import ./lib else import "${nixpkgs}/lib",
  configuration ? throw "no configuration was given",
  specialArgs ? { },
  overlays ? [ ],
}:

let
  # The package set of a configuration, which may have settings and layers of its own.
  packageSet =
    settings:
    if nixpkgs != null then
      import nixpkgs {
        inherit (settings) config overlays;
        localSystem = settings.buildPlatform.system;
        crossSystem = settings.hostPlatform.system;
      }
    else if distribution != null then
      import ./packages {
        inherit lib distribution;
        inherit (settings) config overlays;
      }
    else
      throw "the library needs `distribution` (the machine's packages) or `nixpkgs`";

  platform =
    { config, ... }:
    {
      _file = "<built-in channel>";
      config.nixpkgs = {
        pkgs = lib.mkDefault (packageSet config.nixpkgs);
      }
      // (if distribution == null then { } else { hostPlatform = lib.mkDefault distribution.system; });
    };

  evaluate =
    {
      modules,
      specialArgs ? { },
      overlays ? [ ],
    }:
    lib.evalModules {
      class = "system-manager";
      modules =
        modules
        ++ import ./modules
        ++ import ./services
        ++ [ platform ]
        ++ (if overlays == [ ] then [ ] else [ { nixpkgs.overlays = overlays; } ]);
      specialArgs = {
        modulesPath = if nixpkgs == null then toString ./nixos else "${nixpkgs}/nixos/modules";
      }
      // specialArgs;
    };

  result =
    evaluated:
    let
      inherit (evaluated) config options;
    in
    {
      inherit config options lib;
      inherit (config.system-manager.build) toplevel manifest;
      inherit (config.nixpkgs) pkgs;
    };

  # The toplevel itself, with the configuration it was made from as attributes.
  makeSystemConfig =
    arguments:
    let
      made = result (evaluate arguments);
    in
    made.toplevel
    // {
      inherit (made) config options;
      passthru = { inherit (made) config options; };
    };
in
result (evaluate {
  modules = if builtins.isList configuration then configuration else [ configuration ];
  inherit specialArgs overlays;
})
// {
  inherit makeSystemConfig;
}
