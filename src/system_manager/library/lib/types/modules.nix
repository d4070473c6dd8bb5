/** Types whose values are modules, or configurations made from them. */
{ lib, foundation }:

let
  inherit (builtins)
    attrNames
    intersectAttrs
    isAttrs
    map
    ;
  inherit (foundation)
    defaultFunctor
    mkOptionType
    noCheckForDocsModule
    optionDescriptionPhrase
    ;
  inherit (lib) showOption;

  isModule = value: isAttrs value || lib.isFunction value || lib.types.path.check value;

  # What both declarations of a submodule say, or the one that says something.
  agree =
    what: a: b:
    if a == null || a == b then
      b
    else if b == null then
      a
    else
      throw "A submoduleWith option is declared multiple times with conflicting ${what}";

  joinPayloads =
    a: b:
    let
      shared = intersectAttrs a.specialArgs b.specialArgs;
    in
    {
      modules = a.modules ++ b.modules;
      specialArgs =
        if shared == { } then
          a.specialArgs // b.specialArgs
        else
          throw "A submoduleWith option is declared multiple times with the same specialArgs \"${toString (attrNames shared)}\"";
      shorthandOnlyDefinesConfig = agree "shorthandOnlyDefinesConfig values" a.shorthandOnlyDefinesConfig b.shorthandOnlyDefinesConfig;
      description = agree "descriptions" a.description b.description;
      class = agree "class values" a.class b.class;
    };

  submoduleWith =
    {
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
      description ? null,
      class ? null,
    }@arguments:
    let
      asModule =
        definition:
        if isAttrs definition.value && shorthandOnlyDefinesConfig then
          {
            _file = definition.file;
            config = definition.value;
          }
        else
          {
            _file = definition.file;
            imports = [ definition.value ];
          };
      base = lib.evalModules {
        inherit class specialArgs;
        modules = [ { _module.args.name = lib.mkOptionDefault "‹name›"; } ] ++ modules;
      };
      documented =
        prefix:
        base.extendModules {
          inherit prefix;
          modules = [ noCheckForDocsModule ];
        };
      inherit (base._module) freeformType;
    in
    mkOptionType {
      name = "submodule";
      description =
        let
          open = (documented [ ])._module.freeformType;
        in
        if description != null then
          description
        else if open ? description then
          "open submodule of ${optionDescriptionPhrase (class: class == "noun" || class == "composite") open}"
        else
          "submodule";
      check = isModule;
      merge =
        path: definitions:
        (base.extendModules {
          modules = [ { _module.args.name = lib.last path; } ] ++ map asModule definitions;
          prefix = path;
        }).config;
      emptyValue.value = base.config;
      getSubOptions =
        prefix:
        let
          evaluated = documented prefix;
          open = evaluated._module.freeformType;
        in
        evaluated.options // lib.optionalAttrs (open != null) { _freeformOptions = open.getSubOptions prefix; };
      getSubModules = modules;
      substSubModules = replacement: submoduleWith (arguments // { modules = replacement; });
      nestedTypes = lib.optionalAttrs (freeformType != null) { inherit freeformType; };
      functor = defaultFunctor "submodule" // {
        type = submoduleWith;
        payload = {
          inherit
            modules
            class
            specialArgs
            shorthandOnlyDefinesConfig
            description
            ;
        };
        binOp = joinPayloads;
      };
    };

  deferredModuleWith =
    {
      staticModules ? [ ],
    }:
    mkOptionType {
      name = "deferredModule";
      description = "module";
      descriptionClass = "noun";
      check = isModule;
      merge = path: definitions: {
        imports =
          staticModules
          ++ map (
            definition: lib.setDefaultModuleLocation "${definition.file}, via option ${showOption path}" definition.value
          ) definitions;
      };
      inherit (submoduleWith { modules = staticModules; }) getSubOptions getSubModules;
      substSubModules = replacement: deferredModuleWith { staticModules = replacement; };
      functor = defaultFunctor "deferredModuleWith" // {
        type = deferredModuleWith;
        payload = { inherit staticModules; };
        binOp = a: b: { staticModules = a.staticModules ++ b.staticModules; };
      };
    };
in
{
  inherit deferredModuleWith submoduleWith;

  # Definitions that are sets are plain values, not modules with `config` and `imports`.
  submodule =
    modules:
    submoduleWith {
      shorthandOnlyDefinesConfig = true;
      modules = lib.toList modules;
    };

  deferredModule = deferredModuleWith { };
}
