/** evalModules: a list of modules becomes `config` and `options`. */
{ lib }:

let
  inherit (builtins)
    map
    mapAttrs
    removeAttrs
    seq
    ;

  collect = import ./collect.nix { inherit lib; };
  merge = import ./merge.nix { inherit lib; };
  messages = import ./messages.nix { inherit lib; };

  file = "lib/modules.nix";

  # Whether the module arguments are an option that documentation shows: only at the top.
  internalOptions = prefix: {
    args = lib.mkOption (
      {
        type = lib.types.lazyAttrsOf lib.types.raw;
        description = "Further arguments for every module, beside `lib`, `config` and `options`. They cannot be used in `imports`; what those need is given as specialArgs.";
      }
      // lib.optionalAttrs (prefix != [ ]) { internal = true; }
    );
    check = lib.mkOption {
      type = lib.types.bool;
      internal = true;
      default = true;
      description = "Whether definitions of options that nobody declares are refused.";
    };
    freeformType = lib.mkOption {
      type = lib.types.nullOr lib.types.optionType;
      internal = true;
      default = null;
      description = "Type of all definitions without an option of their own, together; null refuses them.";
    };
    specialArgs = lib.mkOption {
      readOnly = true;
      internal = true;
      description = "Module arguments given from outside, which `imports` may use.";
    };
  };

  evalModules =
    arguments@{
      modules,
      prefix ? [ ],
      specialArgs ? { },
      class ? null,
      args ? { },
      check ? true,
    }:
    let
      ownModules =
        modules
        ++ lib.optional (arguments ? args) { config._module.args = args; }
        ++ lib.optional (arguments ? check) { config._module.check = lib.mkDefault check; };

      internalModule = {
        _file = file;
        key = file;
        options._module = internalOptions prefix;
        config._module = {
          args = {
            inherit extendModules;
            moduleType = type;
          };
          inherit specialArgs;
        };
      };

      collected = collect.collectModules class (specialArgs.modulesPath or "") (ownModules ++ [ internalModule ]) (
        {
          inherit lib options specialArgs;
          _class = class;
          _prefix = prefix;
          config = builtins.addErrorContext "if you get an infinite recursion here, you probably reference `config` in `imports`. If you are trying to achieve a conditional import behavior dependent on `config`, consider importing unconditionally, and using `mkEnableOption` and `mkIf` to control its effect." config;
        }
        // specialArgs
      );

      merged = merge.mergeStructured prefix (lib.reverseList collected.modules);
      inherit (merged) options;

      freeformType = merged.config._module.freeformType;
      freeformConfig = freeformType.merge prefix (
        map (definition: {
          inherit (definition) file;
          value = lib.setAttrByPath definition.prefix definition.value;
        }) merged.unmatched
      );
      config =
        if freeformType == null then
          merged.config
        else if merged.unmatched == [ ] then
          merged.config
        else
          lib.recursiveUpdate freeformConfig merged.config;

      refuseUnmatched =
        if config._module.check && freeformType == null && merged.unmatched != [ ] then
          throw (lib.concatMapStringsSep "\n\n" (messages.unknownOption class prefix options) merged.unmatched)
        else
          null;
      checked = seq refuseUnmatched;

      extendModules =
        extension@{
          modules ? [ ],
          specialArgs ? { },
          prefix ? [ ],
        }:
        evalModules (
          arguments
          // {
            modules = ownModules ++ modules;
            specialArgs = arguments.specialArgs or { } // specialArgs;
            prefix = extension.prefix or arguments.prefix or [ ];
          }
        );

      type = lib.types.submoduleWith { inherit modules specialArgs class; };
    in
    {
      _type = "configuration";
      options = checked options;
      config = checked (removeAttrs config [ "_module" ]);
      _module = checked config._module;
      inherit (collected) graph;
      inherit extendModules type class;
    };
in
{
  inherit evalModules;
}
