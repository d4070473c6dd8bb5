# 300 modules that declare 3 000 options and define most of them, some twice.
let
  lib = import ../../../src/system_manager/library/lib;
  inherit (lib) mkDefault mkIf mkOption types;
  module = n: { config, ... }: {
    options.services."service${toString n}" = {
      enable = mkOption { type = types.bool; default = false; description = "Whether to run it."; };
      port = mkOption { type = types.port; default = 1000 + n; };
      name = mkOption { type = types.str; default = "service${toString n}"; };
      level = mkOption { type = types.enum [ "debug" "info" "error" ]; default = "info"; };
      users = mkOption { type = types.listOf types.str; default = [ ]; };
      environment = mkOption { type = types.attrsOf types.str; default = { }; };
      extra = mkOption { type = types.lines; default = ""; };
      timeout = mkOption { type = types.nullOr types.int; default = null; };
      settings = mkOption { type = types.attrsOf (types.either types.int types.str); default = { }; };
      limits = mkOption {
        type = types.submodule { options.memory = mkOption { type = types.int; default = 64; }; };
        default = { };
      };
    };
    config = lib.mkMerge [
      {
        services."service${toString n}" = {
          enable = n > 20;
          level = mkDefault "error";
          users = [ "user${toString n}" ];
          environment.PORT = toString config.services."service${toString n}".port;
          limits.memory = n;
        };
      }
      (mkIf config.services."service${toString n}".enable {
        services.service0 = {
          users = [ "from${toString n}" ];
          settings."peer${toString n}" = n;
        };
      })
    ];
  };
  evaluated = lib.evalModules { modules = builtins.genList module 300; };
in
builtins.hashString "sha256" (builtins.toJSON evaluated.config)
