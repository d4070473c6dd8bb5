/**
  Properties: what a definition can be wrapped in (condition, priority, order, several at once) and
  how they are taken off again. A property is a set with `_type`.
*/
{ lib }:

let
  inherit (builtins)
    any
    concatMap
    filter
    foldl'
    head
    isAttrs
    isBool
    length
    map
    mapAttrs
    sort
    ;

  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;

  tag = value: value._type or "";

  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };

  pushInto =
    wrap: content:
    map (pushed: {
      config = if isAttrs pushed.config then mapAttrs (_: wrap) pushed.config else pushed.config;
      inherit (pushed) written;
    }) (pushDownWritten content);

  asWritten = config: [
    {
      inherit config;
      written = config;
    }
  ];

  # A whole configuration with properties around it -> configurations with the properties around each attribute, and
  # what was written there, whose attributes have positions.
  pushDownWritten =
    config:
    if !(config ? _type) then
      asWritten config
    else if config._type == "merge" then
      concatMap pushDownWritten config.contents
    else if config._type == "if" then
      pushInto (mkIf config.condition) config.content
    else if config._type == "override" then
      pushInto (mkOverride config.priority) config.content
    else
      asWritten config;

  pushDownProperties = config: map (pushed: pushed.config) (pushDownWritten config);

  # Definition -> the definitions it stands for, conditions decided and merges taken apart.
  dischargeProperties =
    definition:
    if !(definition ? _type) then
      [ definition ]
    else if definition._type == "merge" then
      concatMap dischargeProperties definition.contents
    else if definition._type == "if" then
      if !isBool definition.condition then
        throw "‘mkIf’ called with a non-Boolean condition"
      else if definition.condition then
        dischargeProperties definition.content
      else
        [ ]
    else
      [ definition ];

  priorityOf =
    definition: if tag definition.value == "override" then definition.value.priority else defaultOverridePriority;
  withoutOverride =
    definition:
    if tag definition.value == "override" then definition // { value = definition.value.content; } else definition;

  # Only the definitions of the strongest (numerically lowest) priority stay.
  filterOverrides' =
    definitions:
    let
      strongest = foldl' (least: definition: lib.min least (priorityOf definition)) 9999 definitions;
    in
    if length definitions == 1 then
      {
        values = map withoutOverride definitions;
        highestPrio = priorityOf (head definitions);
      }
    else
      {
        values = map withoutOverride (filter (definition: priorityOf definition == strongest) definitions);
        highestPrio = strongest;
      };

  sortProperties =
    definitions:
    let
      unwrapped = map (
        definition:
        if tag definition.value == "order" then
          definition
          // {
            value = definition.value.content;
            inherit (definition.value) priority;
          }
        else
          definition
      ) definitions;
      rank = definition: definition.priority or defaultOrderPriority;
    in
    sort (a: b: rank a < rank b) unwrapped;

  mapDefinitionValue =
    function: definition:
    let
      kind = tag definition;
      below = mapDefinitionValue function;
    in
    if kind == "merge" then
      definition // { contents = map below definition.contents; }
    else if kind == "if" || kind == "override" || kind == "order" then
      definition // { content = below definition.content; }
    else if kind == "definition" then
      definition // { value = below definition.value; }
    else
      function definition;

  mkAliasAndWrapDefinitions = wrap: option: mkIf option.isDefined (wrap (mkMerge option.definitions));
in
{
  inherit
    defaultOrderPriority
    defaultOverridePriority
    dischargeProperties
    filterOverrides'
    mapDefinitionValue
    mkAliasAndWrapDefinitions
    mkIf
    mkMerge
    mkOrder
    mkOverride
    pushDownProperties
    pushDownWritten
    sortProperties
    ;

  filterOverrides = definitions: (filterOverrides' definitions).values;
  isOrdered = any (definition: tag definition.value == "order");

  mkAssert =
    assertion: message: content:
    mkIf (assertion || throw "\nFailed assertion: ${message}") content;
  mkDefinition = definition@{ file, value, ... }: definition // { _type = "definition"; };

  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkFixStrictness = value: value;

  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  mkAliasDefinitions = mkAliasAndWrapDefinitions (value: value);
  mkAliasAndWrapDefsWithPriority =
    wrap: option:
    let
      priority = option.highestPrio or defaultOverridePriority;
    in
    mkIf option.isDefined (wrap (mkMerge (map (mkOverride priority) option.definitions)));
  mkAliasIfDef = option: mkIf option.isDefined;
  mkDerivedConfig = option: function: mkOverride (option.highestPrio or defaultOverridePriority) (function option.value);
}
