/**
  Sets of files below directories, for what is copied to the store.

  A set is { _type = "fileset"; base, tree }: `base` is the directory that the tree begins at (null when the set is
  empty and has none), and a tree is null (nothing), the type of a file, "directory" (all that is in it), or
  { name = tree; }, where a name that is not there stands for nothing.
*/
{ lib }:

let
  inherit (builtins)
    attrNames
    concatLists
    foldl'
    head
    isAttrs
    isPath
    isString
    length
    mapAttrs
    pathExists
    readDir
    tail
    typeOf
    ;

  componentsOf = path: lib.path.subpath.components (lib.path.splitRoot path).subpath;
  toPath = components: foldl' (path: name: path + "/${name}") /. components;
  below = directory: name: directory + "/${name}";

  fileset = base: tree: {
    _type = "fileset";
    inherit base tree;
  };
  nothing = fileset null null;

  ofPath =
    path:
    let
      type = builtins.readFileType path;
    in
    if type == "directory" then fileset path "directory" else fileset (dirOf path) { ${baseNameOf path} = type; };

  isSet = value: value._type or null == "fileset";

  coerce =
    function: argument: value:
    let
      context = "lib.fileset.${function}: ${argument}";
    in
    if isSet value then
      value
    else if value ? _isLibCleanSourceWith then
      throw "${context} is a `lib.sources`-based value, but it should be a file set or a path instead.\n    To convert it: lib.fileset.fromSource"
    else if !isPath value then
      throw "${context} is of type ${typeOf value}, but it should be a file set or a path instead.${
        lib.optionalString (isString value && lib.hasPrefix "/" value) "\n    Paths are written without quotes."
      }"
    else if !pathExists value then
      throw "${context} (${toString value}) is a path that does not exist.\n    To create a file set from a path that may not exist, use `lib.fileset.maybeMissing`."
    else
      ofPath value;

  # The same set seen from a directory above its own.
  lifted =
    depth: set:
    if set.base == null then null else foldl' (tree: name: { ${name} = tree; }) set.tree (
      lib.reverseList (lib.drop depth (componentsOf set.base))
    );

  commonPrefix =
    first: second:
    if first == [ ] || second == [ ] || head first != head second then
      [ ]
    else
      [ (head first) ] ++ commonPrefix (tail first) (tail second);

  # Both trees from the directory that the two have in common.
  combined =
    combine: first: second:
    let
      components = commonPrefix (componentsOf first.base) (componentsOf second.base);
      depth = length components;
      base = toPath components;
    in
    fileset base (combine base (lifted depth first) (lifted depth second));

  entries = directory: mapAttrs (_: type: type) (readDir directory);
  opened = directory: tree: if tree == "directory" then entries directory else tree;

  united =
    base: first: second:
    if first == "directory" || second == null then
      first
    else if second == "directory" || first == null then
      second
    else if isAttrs first && isAttrs second then
      second // mapAttrs (name: tree: united (below base name) tree (second.${name} or null)) first
    else
      first;

  common =
    base: first: second:
    if first == null || second == null then
      null
    else if first == "directory" then
      second
    else if second == "directory" then
      first
    else if isAttrs first && isAttrs second then
      mapAttrs (name: tree: common (below base name) tree second.${name}) (builtins.intersectAttrs second first)
    else
      first;

  without =
    base: first: second:
    if first == null || second == "directory" || isString second then
      null
    else if second == null then
      first
    else
      mapAttrs (name: tree: without (below base name) tree (second.${name} or null)) (opened base first);

  # Less everything that has no file in it, which a set cannot tell from nothing.
  pruned =
    base: tree:
    if tree == null || isString tree && tree != "directory" then
      tree
    else
      let
        kept = lib.filterAttrs (_: child: child != null) (
          mapAttrs (name: child: pruned (below base name) child) (opened base tree)
        );
      in
      if kept == { } then null else kept;

  unionOf = first: second: if first.base == null then second else if second.base == null then first else combined united first second;
  intersectionOf = first: second: if first.base == null || second.base == null then nothing else combined common first second;
  differenceOf = first: second: if first.base == null || second.base == null then first else combined without first second;

  filesOf =
    base: tree:
    if tree == null then
      [ ]
    else if isString tree then
      [ base ]
    else
      concatLists (lib.mapAttrsToList (name: filesOf (below base name)) tree);

  filtered =
    predicate: base: tree:
    if tree == null then
      null
    else if isString tree && tree != "directory" then
      let
        name = baseNameOf base;
        file = {
          inherit name;
          type = tree;
          hasExt = extension: lib.hasSuffix ".${extension}" name;
        };
      in
      if predicate file then tree else null
    else
      mapAttrs (name: child: filtered predicate (below base name) child) (opened base tree);

  # Of a source, what its filter lets through.
  ofSource =
    filter: directory:
    lib.filterAttrs (_: tree: tree != null) (
      mapAttrs (
        name: type:
        let
          path = below directory name;
        in
        if !filter (toString path) type then
          null
        else if type == "directory" then
          ofSource filter path
        else
          type
      ) (readDir directory)
    );

  # What is in a copy of a directory, as the tree of the directory itself.
  mirrored =
    directory:
    mapAttrs (name: type: if type == "directory" then mirrored "${directory}/${name}" else type) (readDir directory);

  tracked =
    function: path:
    if !isPath path then
      throw "lib.fileset.${function}: Expected the argument to be a path, but it's a ${typeOf path} instead."
    else if !pathExists (path + "/.git") then
      throw "lib.fileset.${function}: Expected the argument (${toString path}) to point to a local working tree of a Git repository, but it's not."
    else
      fileset path (mirrored (builtins.fetchGit { url = path; shallow = true; }).outPath);
in
rec {
  toSource =
    { root, fileset }:
    let
      set = coerce "toSource" "`fileset`" fileset;
      rootDepth = length (componentsOf root);
      isBelow = lib.path.hasPrefix root set.base;
      inBase = lib.path.hasPrefix set.base root;
      tree =
        if set.base == null then
          null
        else if isBelow then
          lifted rootDepth set
        else if inBase && lib.all (file: lib.path.hasPrefix root file) (toList set) then
          lib.attrByPath (lib.drop (length (componentsOf set.base)) (componentsOf root)) null (pruned set.base set.tree)
        else
          throw "lib.fileset.toSource: `fileset` could contain files in ${toString set.base}, which is not under the `root` (${toString root}). Potential solutions:\n    - Set `root` to ${toString set.base} or any directory higher up. This changes the layout of the resulting store path.\n    - Set `fileset` to a file set that cannot contain files outside the `root` (${toString root}). This could change the files included in the result.";
      kept = pruned root tree;
      at = components: lib.attrByPath components null kept;
    in
    if !isPath root then
      throw "lib.fileset.toSource: `root` is of type ${typeOf root}, but it should be a path instead."
    else if !pathExists root then
      throw "lib.fileset.toSource: `root` (${toString root}) is a path that does not exist."
    else if builtins.readFileType root != "directory" then
      throw "lib.fileset.toSource: `root` (${toString root}) is a file, but it should be a directory instead. Potential solutions:\n    - If you want to import the file into the store _without_ a containing directory, use string interpolation or `builtins.path` instead of this function.\n    - If you want to import the file into the store _with_ a containing directory, set `root` to the containing directory, such as ${toString (dirOf root)}, and set `fileset` to the file path."
    else
      lib.cleanSourceWith {
        name = "source";
        src = root;
        filter = path: _: at (lib.drop rootDepth (lib.filter (part: part != "") (lib.splitString "/" (toString path)))) != null;
      };

  toList =
    fileset:
    let
      set = coerce "toList" "Argument" fileset;
    in
    if set.base == null then [ ] else filesOf set.base (pruned set.base set.tree);

  union = first: second: unionOf (coerce "union" "First argument" first) (coerce "union" "Second argument" second);
  unions =
    list:
    if !builtins.isList list then
      throw "lib.fileset.unions: Argument is of type ${typeOf list}, but it should be a list instead."
    else
      foldl' unionOf nothing (lib.imap0 (index: coerce "unions" "Element ${toString index}") list);
  intersection =
    first: second:
    intersectionOf (coerce "intersection" "First argument" first) (coerce "intersection" "Second argument" second);
  difference =
    positive: negative:
    differenceOf (coerce "difference" "First argument (positive set)" positive) (
      coerce "difference" "Second argument (negative set)" negative
    );

  # predicate: { name, type, hasExt } -> whether the file stays
  fileFilter =
    predicate: path:
    if !builtins.isFunction predicate then
      throw "lib.fileset.fileFilter: First argument is of type ${typeOf predicate}, but it should be a function instead."
    else if !isPath path then
      throw "lib.fileset.fileFilter: Second argument is of type ${typeOf path}, but it should be a path instead."
    else
      let
        set = coerce "fileFilter" "Second argument" path;
      in
      fileset set.base (filtered predicate set.base set.tree);

  maybeMissing =
    path:
    if !isPath path then
      throw "lib.fileset.maybeMissing: Argument is of type ${typeOf path}, but it should be a path instead."
    else if pathExists path then
      ofPath path
    else
      nothing;

  fromSource =
    source:
    let
      root = source.origSrc or source;
    in
    if builtins.readFileType root == "directory" then
      fileset root (ofSource (source.filter or (_: _: true)) root)
    else
      ofPath root;

  gitTracked = tracked "gitTracked";
  gitTrackedWith = { recurseSubmodules ? false }: tracked "gitTrackedWith";

  # Also of what can stand for one.
  isFileset = value: value._type or null == "fileset" || isPath value && pathExists value;

  trace = fileset: value: builtins.trace (lib.concatMapStringsSep "\n" toString (toList fileset)) value;
  traceVal = fileset: trace fileset fileset;
}
