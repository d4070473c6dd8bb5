# What is needed to document many options: none of them defined, all of their types described.
let
  lib = import ../../../src/system_manager/library/lib;
  inherit (lib) mkOption types;
  module = n: {
    options.programs."program${toString n}" = {
      enable = lib.mkEnableOption "program ${toString n}";
      package = mkOption { type = types.nullOr types.path; default = null; };
      settings = mkOption { type = types.attrsOf (types.oneOf [ types.bool types.int types.str ]); default = { }; };
      aliases = mkOption { type = types.attrsOf (types.listOf types.str); default = { }; example = { a = [ "b" ]; }; };
    };
  };
  evaluated = lib.evalModules { modules = builtins.genList module 400; };
  describe = path: value:
    if value ? _type && value._type == "option" then
      [ "${lib.concatStringsSep "." path}: ${value.type.description}" ]
    else
      lib.concatLists (lib.mapAttrsToList (name: describe (path ++ [ name ])) value);
in
builtins.hashString "sha256" (lib.concatStringsSep "\n" (describe [ ] (removeAttrs evaluated.options [ "_module" ])))
