/** Attribute sets. A path is a list of attribute names. */
{ lib }:

let
  inherit (builtins)
    attrNames
    attrValues
    concatMap
    concatStringsSep
    elemAt
    filter
    foldl'
    hasAttr
    head
    intersectAttrs
    isAttrs
    isList
    length
    listToAttrs
    mapAttrs
    removeAttrs
    tail
    zipAttrsWith
    ;

  isDerivation = value: isAttrs value && (value.type or null) == "derivation";

  nameValuePair = name: value: { inherit name value; };

  filterAttrs = test: set: removeAttrs set (filter (name: !test name set.${name}) (attrNames set));

  attrByPath =
    path: default: set:
    let
      count = length path;
      go =
        index: value:
        if index == count then
          value
        else if isAttrs value && value ? ${elemAt path index} then
          go (index + 1) value.${elemAt path index}
        else
          default;
    in
    go 0 set;

  hasAttrByPath =
    path: set:
    let
      count = length path;
      go =
        index: value:
        index == count || (isAttrs value && value ? ${elemAt path index} && go (index + 1) value.${elemAt path index});
    in
    go 0 set;

  setAttrByPath =
    path: value:
    let
      count = length path;
      go = index: if index == count then value else { ${elemAt path index} = go (index + 1); };
    in
    go 0;

  mapAttrsRecursiveCond =
    descend: function: set:
    let
      go = path: mapAttrs (
        name: value:
        let
          here = path ++ [ name ];
        in
        if isAttrs value && descend value then go here value else function here value
      );
    in
    go [ ] set;

  # A set with the named output selected as its default one.
  selectOutput =
    output: package:
    if !isAttrs package || (package.outputSpecified or false) then package else package.${output} or package.out or package;

  recursiveUpdateUntil =
    stop: left: right:
    let
      go =
        path:
        zipAttrsWith (
          name: values:
          let
            here = path ++ [ name ];
          in
          if length values == 1 || stop here (elemAt values 1) (head values) then
            head values
          else
            go here values
        );
    in
    go [ ] [
      right
      left
    ];
in
{
  inherit (builtins)
    attrNames
    attrValues
    catAttrs
    getAttr
    hasAttr
    intersectAttrs
    isAttrs
    listToAttrs
    mapAttrs
    removeAttrs
    zipAttrsWith
    ;

  inherit
    attrByPath
    filterAttrs
    hasAttrByPath
    isDerivation
    mapAttrsRecursiveCond
    nameValuePair
    recursiveUpdateUntil
    setAttrByPath
    ;

  getAttrFromPath =
    path: set:
    attrByPath path (abort "cannot find attribute '${concatStringsSep "." path}'") set;

  # The longest leading part of the path that exists in the set.
  longestValidPathPrefix =
    path: set:
    let
      lengths = builtins.genList (index: length path - index) (length path + 1);
    in
    lib.take (lib.findFirst (count: hasAttrByPath (lib.take count path) set) 0 lengths) path;

  attrVals = names: set: map (name: set.${name}) names;
  getAttrs = names: set: listToAttrs (map (name: nameValuePair name set.${name}) names);

  filterAttrsRecursive =
    test: set:
    mapAttrs (_: value: if isAttrs value then lib.filterAttrsRecursive test value else value) (filterAttrs test set);

  foldlAttrs = combine: start: set: foldl' (result: name: combine result name set.${name}) start (attrNames set);

  # [ sets ] -> set of folded values, name by name.
  foldAttrs = combine: start: sets: zipAttrsWith (_: lib.foldr combine start) sets;

  # All values for which the test holds, however deep; found values are not searched further.
  collect =
    test: value:
    if test value then
      [ value ]
    else if isAttrs value then
      concatMap (lib.collect test) (attrValues value)
    else
      [ ];

  cartesianProduct =
    set:
    foldl' (
      partial: name: concatMap (entry: map (value: entry // { ${name} = value; }) set.${name}) partial
    ) [ { } ] (attrNames set);
  mapCartesianProduct = function: set: map function (lib.cartesianProduct set);

  mapAttrs' = function: set: listToAttrs (map (name: function name set.${name}) (attrNames set));
  mapAttrsToList = function: set: map (name: function name set.${name}) (attrNames set);
  attrsToList = set: map (name: nameValuePair name set.${name}) (attrNames set);
  concatMapAttrs = function: set: foldl' (result: name: result // function name set.${name}) { } (attrNames set);

  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);

  # As mapAttrsRecursiveCond, the leaves in one list.
  mapAttrsToListRecursiveCond =
    descend: function: set:
    let
      go =
        path: value:
        if isAttrs value && (path == [ ] || descend path value) then
          concatMap (name: go (path ++ [ name ]) value.${name}) (attrNames value)
        else
          [ (function path value) ];
    in
    go [ ] set;
  mapAttrsToListRecursive = lib.attrsets.mapAttrsToListRecursiveCond (_: _: true);

  genAttrs = names: function: listToAttrs (map (name: nameValuePair name (function name)) names);
  genAttrs' = list: function: listToAttrs (map function list);

  # A store path as something that can stand where a derivation is wanted.
  toDerivation =
    path:
    let
      storePath = builtins.storePath path;
      result = {
        type = "derivation";
        name = lib.strings.sanitizeDerivationName (builtins.substring 33 (-1) (baseNameOf storePath));
        outPath = storePath;
        outputs = [ "out" ];
        out = result;
        outputName = "out";
      };
    in
    result;

  optionalAttrs = condition: set: if condition then set else { };

  zipAttrsWithNames =
    names: function: sets:
    lib.genAttrs names (name: function name (builtins.catAttrs name sets));
  zipAttrs = zipAttrsWith (_: values: values);

  recursiveUpdate = recursiveUpdateUntil (_: left: right: !(isAttrs left && isAttrs right));

  # Whether everything in the pattern is in the set.
  matchAttrs =
    pattern: set:
    builtins.all (
      name:
      let
        wanted = pattern.${name};
      in
      set ? ${name}
      && (
        if isAttrs wanted && isAttrs set.${name} then lib.matchAttrs wanted set.${name} else set.${name} == wanted
      )
    ) (attrNames pattern);

  # Halves are merged first, so that no attribute is copied more than log2(n) times.
  mergeAttrsList =
    list:
    let
      go =
        start: end:
        let
          count = end - start;
          middle = start + count / 2;
        in
        if count == 0 then
          { }
        else if count == 1 then
          elemAt list start
        else
          go start middle // go middle end;
    in
    go 0 (length list);

  overrideExisting = old: new: mapAttrs (name: value: new.${name} or value) old;

  showAttrPath =
    path: if path == [ ] then "<root attribute path>" else lib.concatMapStringsSep "." lib.strings.escapeNixIdentifier path;

  getOutput = selectOutput;
  getFirstOutput =
    candidates: package:
    let
      found = filter (output: hasAttr output package) candidates;
    in
    if package.outputSpecified or false || found == [ ] then package else package.${head found};
  getBin = selectOutput "bin";
  getLib = lib.attrsets.getFirstOutput [ "lib" "out" ];
  getStatic = lib.attrsets.getFirstOutput [ "static" "lib" "out" ];
  getDev = selectOutput "dev";
  getInclude = lib.attrsets.getFirstOutput [ "include" "dev" "out" ];
  getMan = selectOutput "man";
  chooseDevOutputs = map lib.getDev;

  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };

  # Union of two sets; a name in both is an error when it is looked at.
  unionOfDisjoint =
    left: right:
    let
      shared = intersectAttrs left right;
    in
    left
    // right
    // mapAttrs (name: _: throw "unionOfDisjoint: collision on ${name}; complete list: ${
      concatStringsSep " " (attrNames shared)
    }") shared;

  # [ { path; update :: old -> new } ] -> set -> set. Updates to deeper paths are applied first.
  updateManyAttrsByPath =
    updates: value:
    let
      here = filter (update: update.path == [ ]) updates;
      below = builtins.groupBy (update: head update.path) (filter (update: update.path != [ ]) updates);
      changed =
        if below == { } then
          value
        else
          value
          // mapAttrs (
            name: nested:
            lib.updateManyAttrsByPath (map (update: update // { path = tail update.path; }) nested) (
              value.${name} or (throw "updateManyAttrsByPath: attribute '${name}' does not exist in the given value")
            )
          ) below;
    in
    if here == [ ] then changed else foldl' (result: update: update.update result) changed here;
}
