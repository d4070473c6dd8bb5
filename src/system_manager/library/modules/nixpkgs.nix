/** Where packages come from. */
{ config, lib, ... }:

{
  options.nixpkgs = {
    hostPlatform = lib.mkOption {
      type = lib.types.either lib.types.str lib.types.attrs;
      apply = lib.systems.elaborate;
      example = "aarch64-linux";
      description = "The platform of the machine. The built-in channel sets it from the machine itself.";
    };
    buildPlatform = lib.mkOption {
      type = lib.types.either lib.types.str lib.types.attrs;
      default = config.nixpkgs.hostPlatform;
      defaultText = lib.literalExpression "config.nixpkgs.hostPlatform";
      apply = lib.systems.elaborate;
      description = "The platform that builds.";
    };
    config = lib.mkOption {
      type = lib.types.attrsOf lib.types.unspecified;
      default = { };
      example.allowUnfree = true;
      description = "Settings of nixpkgs.";
    };
    overlays = lib.mkOption {
      type = lib.types.listOf lib.types.raw;
      default = [ ];
      description = "Layers that change packages or add some, each `final: prev: { … }`.";
    };
    pkgs = lib.mkOption {
      type = lib.types.raw;
      internal = true;
      description = "The package set with platform, settings and overlays applied; the `pkgs` of modules.";
    };
  };

  config._module.args.pkgs = config.nixpkgs.pkgs;
}
