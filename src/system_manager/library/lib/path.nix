/**
  Paths of the file system (the type) and subpaths (texts such as "./a/b": relative, without "..").
*/
{ lib }:

let
  inherit (builtins)
    concatMap
    concatStringsSep
    elemAt
    filter
    head
    isPath
    isString
    length
    match
    split
    substring
    typeOf
    ;

  problemWith =
    value:
    if !isString value then
      "The given value is of type ${typeOf value}, but a string was expected"
    else if value == "" then
      "The given string is empty"
    else if substring 0 1 value == "/" then
      "The given string \"${value}\" starts with a `/`, representing an absolute path"
    else if match "(.*/)?\\.\\.(/.*)?" value != null then
      "The given string \"${value}\" contains a `..` component, which is not allowed in subpaths"
    else
      null;

  componentsOf = text: filter (piece: isString piece && piece != "" && piece != ".") (split "/" text);
  joined = components: "./" + (if components == [ ] then "." else concatStringsSep "/" components);

  checked =
    function: subpath:
    let
      problem = problemWith subpath;
    in
    if problem == null then
      subpath
    else
      throw "lib.path.${function}: Argument is not a valid subpath string:\n    ${problem}";

  pathComponents =
    function: path:
    if isPath path then
      componentsOf (toString path)
    else
      throw "lib.path.${function}: Argument is of type ${typeOf path}, but a path was expected";

  storeComponents = componentsOf builtins.storeDir;
in
{
  append =
    path: subpath:
    if isPath path then
      path + ("/" + checked "append" subpath)
    else
      throw "lib.path.append: The first argument is of type ${typeOf path}, but a path was expected";

  hasPrefix =
    prefix:
    let
      components = pathComponents "hasPrefix" prefix;
    in
    path: lib.lists.hasPrefix components (pathComponents "hasPrefix" path);

  removePrefix =
    prefix:
    let
      components = pathComponents "removePrefix" prefix;
    in
    path:
    let
      whole = pathComponents "removePrefix" path;
    in
    if lib.lists.hasPrefix components whole then
      joined (lib.drop (length components) whole)
    else
      throw "lib.path.removePrefix: ${toString prefix} is not a prefix of ${toString path}";

  splitRoot = path: {
    root = /.;
    subpath = joined (pathComponents "splitRoot" path);
  };

  # Whether the path is a store path or lies in one. A first component of 52 digits of base 32 is the
  # placeholder of an output that is not known yet.
  hasStorePathPrefix =
    path:
    let
      components = pathComponents "hasStorePathPrefix" path;
      depth = length storeComponents;
    in
    lib.lists.hasPrefix storeComponents components
    && length components > depth
    && match ".{32}-.+" (elemAt components depth) != null
    || components != [ ] && match "[0-9a-z]{52}" (head components) != null;

  subpath = {
    isValid = value: problemWith value == null;
    join = subpaths: joined (concatMap (subpath: componentsOf (checked "subpath.join" subpath)) subpaths);
    components = subpath: componentsOf (checked "subpath.components" subpath);
    normalise = subpath: joined (componentsOf (checked "subpath.normalise" subpath));
  };
}
