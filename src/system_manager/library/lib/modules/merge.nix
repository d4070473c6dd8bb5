/**
  Declarations and definitions of all modules become options with values.

  A declaration is { _file, pos, options }, where `options` is the declared option or a set of further ones.
  A definition is { file, value }, with `position` (see unsafeGetAttrPos) where that is known.
*/
{ lib }:

let
  inherit (builtins)
    all
    attrNames
    concatMap
    filter
    foldl'
    head
    isAttrs
    length
    map
    mapAttrs
    removeAttrs
    tail
    unsafeGetAttrPos
    zipAttrsWith
    ;

  properties = lib.modules;
  messages = import ./messages.nix { inherit lib; };

  together = zipAttrsWith (_: values: values);

  isDeclaration = declaration: declaration.options ? _type;

  # The definitions that count: conditions decided, weaker priorities dropped, order applied.
  finalDefinitions =
    definitions:
    let
      normalised = concatMap (
        definition:
        map (
          value:
          if value ? _type && value._type == "definition" then
            value
          else
            {
              inherit (definition) file;
              position = definition.position or null;
              inherit value;
            }
        ) (
          builtins.addErrorContext "while evaluating definitions from `${definition.file}':" (
            properties.dischargeProperties definition.value
          )
        )
      ) definitions;
      filtered = properties.filterOverrides' normalised;
    in
    if length definitions == 1 && !((head definitions).value ? _type) then
      {
        values = definitions;
        highestPrio = properties.defaultOverridePriority;
      }
    else if properties.isOrdered filtered.values then
      filtered // { values = properties.sortProperties filtered.values; }
    else
      filtered;

  mergeDefinitions =
    path: type: definitions:
    let
      defsFinal' = finalDefinitions definitions;
      defsFinal = defsFinal'.values;
      isDefined = defsFinal != [ ];
      invalid = filter (definition: !type.check definition.value) defsFinal;
      mergedValue =
        if isDefined then
          if invalid == [ ] then
            type.merge path defsFinal
          else
            throw "A definition for option `${lib.showOption path}' is not of type `${type.description}'. Definition values:${lib.options.showDefs invalid}"
        else if type.emptyValue ? value then
          type.emptyValue.value
        else
          throw "The option `${lib.showOption path}' was accessed but has no value defined. Try setting the option.";
    in
    {
      inherit
        defsFinal'
        defsFinal
        isDefined
        mergedValue
        ;
      optionalValue = if isDefined then { value = mergedValue; } else { };
    };

  positionOf =
    declaration:
    if declaration.pos or null != null then
      declaration.pos
    else
      {
        file = declaration._file;
        line = null;
        column = null;
      };

  submodulesOf =
    declaration:
    let
      modules = declaration.options.type.getSubModules or null;
    in
    if modules == null then [ ] else map (lib.setDefaultModuleLocation declaration._file) modules;

  asOption =
    path: declaration:
    declaration.options
    // {
      loc = path;
      declarations = [ declaration._file ];
      declarationPositions = [ (positionOf declaration) ];
      options = submodulesOf declaration;
    };

  # Several declarations of one option complete each other; what is said twice is an error.
  addDeclaration =
    path: merged: declaration:
    let
      added = declaration.options;
      saidTwice = name: added ? ${name} && merged ? ${name};
      type = merged.type.typeMerge added.type.functor;
      refuse = throw (messages.declaredTwice path declaration._file merged.declarations);
    in
    if saidTwice "default" || saidTwice "example" || saidTwice "description" || saidTwice "apply" then
      refuse
    else
      added
      // merged
      // {
        declarations = merged.declarations ++ [ declaration._file ];
        declarationPositions = merged.declarationPositions ++ [ (positionOf declaration) ];
        options = submodulesOf declaration ++ merged.options;
      }
      // (if saidTwice "type" then { type = if type == null then refuse else type; } else { });

  mergeOptionDecls =
    path: declarations:
    foldl' (addDeclaration path) (asOption path (head declarations)) (tail declarations);

  fixupOptionType =
    path: option:
    if !(option ? type) then
      option // { type = lib.types.unspecified; }
    else if option.type.getSubModules == null then
      option
    else
      option
      // {
        type = option.type.substSubModules option.options;
        options = [ ];
      };

  readOnlyError =
    path: type: definitions:
    throw "The option `${lib.showOption path}' is read-only, but it's set multiple times. Definition values:${
      lib.options.showDefs (
        map (definition: definition // { value = (mergeDefinitions path type [ definition ]).mergedValue; }) definitions
      )
    }";

  evalOptionValue =
    path: option: definitions:
    let
      all =
        if option ? default then
          [
            {
              file = head option.declarations;
              value = properties.mkOptionDefault option.default;
            }
          ]
          ++ definitions
        else
          definitions;
      merged =
        if option.readOnly or false && length all > 1 then
          readOnlyError path option.type all
        else
          mergeDefinitions path option.type all;
      value = if option ? apply then option.apply merged.mergedValue else merged.mergedValue;
      result = option // {
        value = builtins.addErrorContext "while evaluating the option `${lib.showOption path}':" value;
        inherit (merged.defsFinal') highestPrio;
        definitions = map (definition: definition.value) merged.defsFinal;
        files = map (definition: definition.file) merged.defsFinal;
        definitionsWithLocations = map (definition: removeAttrs definition [ "position" ]) merged.defsFinal;
        places = map lib.options.showPlace merged.defsFinal;
        inherit (merged) isDefined;
        __toString = _: lib.showOption path;
      };
    in
    if option.type.deprecationMessage or null == null then
      result
    else
      lib.warn "The type `types.${option.type.name}' of option `${lib.showOption path}' defined in ${lib.showFiles option.declarations} is deprecated. ${option.type.deprecationMessage}" result;

  # A set of options beside a submodule option counts as one more of its modules.
  asSubmodule =
    declaration:
    if isDeclaration declaration then
      declaration
    else
      declaration
      // {
        options = lib.mkOption {
          type = lib.types.submoduleWith {
            modules = [ { inherit (declaration) options; } ];
            shorthandOnlyDefinesConfig = null;
          };
        };
      };

  leaf = path: declarations: definitions: rec {
    options = evalOptionValue path (fixupOptionType path (mergeOptionDecls path declarations)) definitions;
    config = options.value;
    unmatched = [ ];
  };

  # -> { options, config, unmatched = [ { file, value, prefix } ] } for one name.
  branch =
    path: declarations: definitions:
    let
      declared = filter isDeclaration declarations;
      wrong = filter (declaration: declaration.options._type != "option") declared;
    in
    if declared == [ ] then
      mergeTree path declarations (
        concatMap (
          definition:
          map (pushed: pushed // { inherit (definition) file position; }) (properties.pushDownWritten definition.value)
        ) definitions
      )
    else if wrong != [ ] then
      throw (messages.notAnOption path (head wrong)._file (head wrong).options._type)
    else if length declared == length declarations then
      leaf path declarations definitions
    else if all (declaration: declaration.options.type.name or null == "submodule") declared then
      leaf path (map asSubmodule declarations) definitions
    else
      throw (
        messages.optionWithChildren path (head declared) (filter (declaration: !isDeclaration declaration) declarations)
      );

  checkConfig =
    prefix: entry:
    if isAttrs entry.config then entry.config else throw (messages.configNotASet prefix entry);

  # modules: [ { _file, options } ], configs: [ { file, position, config, written } ]
  mergeTree =
    prefix: modules: configs:
    let
      declarations = together (
        map (
          module:
          if !isAttrs module.options then
            throw (messages.optionsNotASet prefix module.options)
          else
            mapAttrs (name: options: {
              inherit (module) _file;
              pos = unsafeGetAttrPos name module.options;
              inherit options;
            }) module.options
        ) modules
      );
      definitions = together (
        map (
          entry:
          mapAttrs (name: value: {
            inherit (entry) file;
            position = unsafeGetAttrPos name entry.written;
            inherit value;
          }) (checkConfig prefix entry)
        ) configs
      );
      results = mapAttrs (
        name: declared: branch (prefix ++ [ name ]) declared (definitions.${name} or [ ])
      ) declarations;
      unmatchedFor =
        name:
        map (definition: definition // { prefix = [ name ] ++ definition.prefix or [ ]; }) (
          if results ? ${name} then results.${name}.unmatched else definitions.${name}
        );
    in
    {
      options = mapAttrs (_: result: result.options) results;
      config = mapAttrs (_: result: result.config) results;
      unmatched = concatMap unmatchedFor (attrNames definitions);
    };

  # [ structured module ] -> as mergeTree
  mergeStructured =
    prefix: modules:
    mergeTree prefix modules (
      concatMap (
        module:
        map (
          pushed:
          pushed
          // {
            file = module._file;
            position = null;
          }
        ) (properties.pushDownWritten module.config)
      ) modules
    );

  asPublished = result: {
    matchedOptions = result.options;
    unmatchedDefns = result.unmatched;
  };
in
{
  inherit
    evalOptionValue
    fixupOptionType
    mergeDefinitions
    mergeOptionDecls
    mergeStructured
    ;

  mergeModules = prefix: modules: asPublished (mergeStructured prefix modules);
  mergeModules' =
    prefix: modules: configs:
    asPublished (
      mergeTree prefix modules (
        map (
          entry:
          entry
          // {
            written = entry.config;
            position = null;
          }
        ) configs
      )
    );

  # Option of type attrsOf -> { name = { value, highestPrio }; }
  mergeAttrDefinitionsWithPrio =
    option:
    let
      pieces = concatMap (
        definition:
        concatMap (
          value: map (name: { ${name} = definition // { value = value.${name}; }; }) (attrNames value)
        ) (properties.pushDownProperties definition.value)
      ) option.definitionsWithLocations;
    in
    assert option.type.name == "attrsOf" || option.type.name == "lazyAttrsOf";
    mapAttrs (
      name: definitions:
      let
        merged = mergeDefinitions (option.loc ++ [ name ]) option.type.nestedTypes.elemType definitions;
      in
      {
        value = merged.mergedValue;
        inherit (merged.defsFinal') highestPrio;
      }
    ) (together pieces);
}
