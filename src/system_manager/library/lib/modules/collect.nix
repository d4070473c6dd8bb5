/**
  From the modules that a caller names to the flat list of those that take part: functions applied,
  both spellings of a module made one, imports followed, duplicates and disabled modules left out.

  A structured module is { _file, _class, key, disabledModules, imports, options, config }.
*/
{ lib }:

let
  inherit (builtins)
    attrNames
    catAttrs
    concatLists
    concatMap
    elem
    filter
    genericClosure
    head
    isAttrs
    isList
    isString
    map
    mapAttrs
    removeAttrs
    substring
    ;

  messages = import ./messages.nix { inherit lib; };

  metaNames = [
    "_class"
    "_file"
    "key"
    "disabledModules"
    "imports"
    "freeformType"
  ];

  withFreeform =
    module: config:
    if module ? freeformType then
      lib.mkMerge [
        config
        { _module.freeformType = module.freeformType; }
      ]
    else
      config;

  structure = file: key: module: imports: options: config: {
    place = lib.options.showPlace {
      file = if module ? _file then module._file else file;
      position = builtins.unsafeGetAttrPos "imports" module;
    };
    _file = if module ? _file then toString module._file else file;
    _class = module._class or null;
    key = if module ? key then toString module.key else key;
    disabledModules = module.disabledModules or [ ];
    inherit imports options config;
  };

  unifyModuleSyntax =
    file: key: module:
    if !isAttrs module then
      throw "module ${file} (${key}) does not look like a module. A module is an attribute set, or a function that returns one."
    else if module ? config || module ? options then
      let
        stray = removeAttrs module (
          metaNames
          ++ [
            "options"
            "config"
            "meta"
          ]
        );
        config = module.config or { };
      in
      if stray != { } then
        throw (messages.strayAttributes key (attrNames stray))
      else
        structure file key module (module.imports or [ ]) (module.options or { }) (
          withFreeform module (
            if module ? meta then
              lib.mkMerge [
                config
                { inherit (module) meta; }
              ]
            else
              config
          )
        )
    else
      structure file key module (
        if module ? require then module.require ++ module.imports or [ ] else module.imports or [ ]
      ) { } (
        withFreeform module (removeAttrs module (metaNames ++ [ "require" ]))
      );

  # Arguments that the caller did not pass are looked up in `_module.args`, which needs the configuration.
  applyModuleArgs =
    key: function: arguments:
    let
      wanted = mapAttrs (
        name: _:
        arguments.${name} or (builtins.addErrorContext
          "while evaluating the module argument `${name}' in \"${key}\":"
          (arguments.config._module.args.${name} or (throw (messages.missingArgument key name)))
        )
      ) (lib.functionArgs function);
    in
    function (arguments // wanted);

  applyModuleArgsIfFunction =
    key: module: arguments:
    if lib.isFunction module then applyModuleArgs key module arguments else module;

  # The file that a path stands for, if it is not there; what is built before it is imported is left to `import`.
  missingFile =
    module:
    if !builtins.isPath module && (!isString module || builtins.hasContext module) then
      null
    else if !builtins.pathExists module then
      toString module
    else if builtins.readFileType module == "directory" && !builtins.pathExists "${toString module}/default.nix" then
      "${toString module}/default.nix"
    else
      null;

  # place: where the import is written. above: the files whose imports led here.
  loadModule =
    class: arguments: above: place: file: key: module:
    if lib.isFunction module then
      unifyModuleSyntax file key (applyModuleArgs key module arguments)
    else if isAttrs module then
      if module._type or "module" == "module" then
        unifyModuleSyntax file key module
      else if module._type == "if" || module._type == "override" then
        unifyModuleSyntax file key { config = module; }
      else
        throw (messages.notAModule class file arguments._prefix module._type)
    else if isList module then
      throw (messages.nestedList file module)
    else if !builtins.isPath module && !isString module then
      throw (messages.notAModule class place arguments._prefix (builtins.typeOf module))
    else if isString module && substring 0 1 module != "/" then
      throw (messages.relativeModule place module)
    else if elem (toString module) above then
      throw (messages.importCycle above (toString module))
    else if missingFile module != null then
      throw (messages.missingModule place (missingFile module))
    else
      unifyModuleSyntax (toString module) (toString module) (
        applyModuleArgsIfFunction (toString module) (import module) arguments
      );

  checkClass =
    class: module:
    if class == null || module._class == null || module._class == class then
      module
    else
      throw (messages.wrongClass class module);

  disabledKey =
    modulesPath: file: item:
    if isString item then
      if substring 0 1 item == "/" then item else "${toString modulesPath}/${item}"
    else if lib.strings.isConvertibleWithToString item then
      if item ? key && item.key != toString item then
        throw (messages.ambiguousDisabled file item)
      else
        toString item
    else if item ? key then
      item.key
    else
      throw (messages.unusableDisabled file item);

  # The whole import tree, every node with the modules that it and its imports disable.
  collectTree =
    class: arguments: above: place: parentFile: parentKey: modules:
    lib.imap1 (
      index: given:
      let
        module = checkClass class (
          loadModule class arguments above place parentFile "${parentKey}:anon-${toString index}" given
        );
        below = if builtins.isPath given || isString given then above ++ [ (toString given) ] else above;
        nested =
          if isList module.imports then
            collectTree class arguments below module.place module._file module.key module.imports
          else
            throw (messages.importsNoList module.place module.imports);
        own = map (item: {
          file = module._file;
          inherit item;
        }) module.disabledModules;
      in
      {
        inherit (module) key;
        inherit module;
        modules = nested;
        disabled = own ++ concatLists (catAttrs "disabled" nested);
      }
    ) modules;
in
{
  inherit applyModuleArgsIfFunction unifyModuleSyntax;

  setDefaultModuleLocation = file: module: {
    _file = file;
    imports = [ module ];
  };

  # -> { modules = [ structured module ]; graph = [ { key, file, disabled, imports } ]; }
  collectModules =
    class: modulesPath: modules: arguments:
    let
      tree = collectTree class arguments [ ] lib.options.unknownModule lib.options.unknownModule "" modules;
      disabled = map ({ file, item }: disabledKey modulesPath file item) (concatMap (node: node.disabled) tree);
      enabled = if disabled == [ ] then nodes: nodes else filter (node: !elem node.key disabled);
      showNode = node: {
        inherit (node) key;
        file = node.module._file;
        disabled = elem node.key disabled;
        imports = map showNode node.modules;
      };
    in
    {
      modules = map (node: node.module) (genericClosure {
        startSet = enabled tree;
        operator = node: enabled node.modules;
      });
      graph = map showNode tree;
    };
}
