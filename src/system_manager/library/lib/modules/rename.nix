/** Modules that keep old option names working, or say why they no longer do. */
{ lib }:

let
  inherit (builtins)
    filter
    foldl'
    map
    ;
  inherit (lib)
    attrByPath
    getAttrFromPath
    mkIf
    mkMerge
    mkOption
    setAttrByPath
    showFiles
    showOption
    ;

  untouched = "_mkMergedOptionModule";

  doRename =
    {
      from,
      to,
      visible,
      warn,
      use,
      withPriority ? true,
      condition ? true,
    }:
    { config, options, ... }:
    let
      source = getAttrFromPath from options;
      target = attrByPath to (abort "Renaming error: option `${showOption to}' does not exist.") config;
      wrap = if withPriority then lib.modules.mkAliasAndWrapDefsWithPriority else lib.mkAliasAndWrapDefinitions;
    in
    {
      options = setAttrByPath from (mkOption {
        inherit visible;
        description = "Alias of {option}`${showOption to}`.";
        apply = _: use target;
        type = (attrByPath to { } options).type or (lib.types.submodule { });
      });
      config = mkIf condition (mkMerge [
        (lib.optionalAttrs (options ? warnings) {
          warnings =
            lib.optional (warn && source.isDefined)
              "The option `${showOption from}' defined in ${showFiles source.files} has been renamed to `${showOption to}'.";
        })
        (wrap (setAttrByPath to) source)
      ]);
    };
in
{
  inherit doRename;

  mkRemovedOptionModule =
    name: instructions:
    { options, ... }:
    let
      option = getAttrFromPath name options;
    in
    {
      options = setAttrByPath name (mkOption {
        visible = false;
        apply = _: throw "The option `${showOption name}' can no longer be used since it's been removed. ${instructions}";
      });
      config.assertions = [
        {
          assertion = !option.isDefined;
          message = "The option definition `${showOption name}' in ${showFiles option.files} no longer has any effect; please remove it.\n${instructions}\n";
        }
      ];
    };

  mkRenamedOptionModule =
    from: to:
    doRename {
      inherit from to;
      visible = false;
      warn = true;
      use = builtins.trace "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
    };

  mkRenamedOptionModuleWith =
    {
      from,
      to,
      sinceRelease,
    }:
    let
      warn = lib.oldestSupportedReleaseIsAtLeast sinceRelease;
    in
    doRename {
      inherit from to warn;
      visible = false;
      use = lib.warnIf warn "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
    };

  mkAliasOptionModule =
    from: to:
    doRename {
      inherit from to;
      visible = true;
      warn = false;
      use = value: value;
    };

  # Several old options become one new one through a function of the configuration.
  mkMergedOptionModule =
    from: to: merge:
    { config, options, ... }:
    let
      set = filter (path: getAttrFromPath path config != untouched) from;
    in
    {
      options = foldl' lib.recursiveUpdate { } (
        map (
          path:
          setAttrByPath path (mkOption {
            visible = false;
            default = untouched;
          })
        ) from
      );
      config = {
        warnings = map (
          path:
          "The option `${showOption path}' defined in ${
            showFiles (getAttrFromPath path options).files
          } has been changed to `${showOption to}' that has a different type. Please read `${showOption to}' documentation and update your configuration accordingly."
        ) set;
      }
      // setAttrByPath to (mkMerge (lib.optional (set != [ ]) (merge config)));
    };
  mkChangedOptionModule =
    from: to: change:
    lib.mkMergedOptionModule [ from ] to change;

  importApply = path: argument: lib.setDefaultModuleLocation path (import path argument);
  importJSON = file: {
    _file = file;
    config = lib.importJSON file;
  };
  importTOML = file: {
    _file = file;
    config = lib.importTOML file;
  };
}
