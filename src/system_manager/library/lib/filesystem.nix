/** Files and directories that exist while the configuration is evaluated. */
{ lib }:

let
  inherit (builtins)
    attrNames
    concatMap
    filter
    pathExists
    readDir
    readFileType
    ;

  listFilesRecursive =
    directory:
    concatMap (
      name:
      if (readDir directory).${name} == "directory" then
        listFilesRecursive (directory + "/${name}")
      else
        [ (directory + "/${name}") ]
    ) (attrNames (readDir directory));

  packageTree =
    arguments@{ callPackage, directory, ... }:
    lib.concatMapAttrs (
      name: type:
      let
        path = directory + "/${name}";
      in
      if type == "directory" then
        { ${name} = lib.packagesFromDirectoryRecursive (arguments // { directory = path; }); }
      else if type == "regular" && lib.hasSuffix ".nix" name then
        { ${lib.removeSuffix ".nix" name} = callPackage path { }; }
      else if type == "regular" then
        { }
      else
        throw "packagesFromDirectoryRecursive: ${toString path} is a ${type}, which is not supported"
    ) (readDir directory);
in
{
  inherit (builtins)
    baseNameOf
    dirOf
    hashFile
    isPath
    readDir
    readFileType
    ;
  inherit listFilesRecursive;

  pathType = readFileType;
  pathIsDirectory = path: pathExists path && readFileType path == "directory";
  pathIsRegularFile = path: pathExists path && readFileType path == "regular";

  # The nearest directory upwards with an entry that matches: { path, matches }, or null.
  locateDominatingFile =
    pattern: file:
    let
      go =
        path:
        let
          matches = filter (found: found != null) (map (builtins.match pattern) (attrNames (readDir path)));
        in
        if matches != [ ] then
          { inherit path matches; }
        else if toString path == "/" then
          null
        else
          go (dirOf path);
    in
    go (if lib.filesystem.pathIsDirectory file then file else dirOf file);

  # { callPackage, directory, newScope? } -> packages, one per file or per directory with a package.nix
  packagesFromDirectoryRecursive =
    arguments@{
      callPackage,
      directory,
      newScope ? null,
      ...
    }:
    if pathExists (directory + "/package.nix") then
      callPackage (directory + "/package.nix") { }
    else if newScope == null then
      packageTree arguments
    else
      lib.recurseIntoAttrs (
        lib.makeScope newScope (scope: packageTree (arguments // { inherit (scope) callPackage newScope; }))
      );

  resolveDefaultNix =
    value:
    if lib.filesystem.pathIsDirectory value then
      value + "/default.nix"
    else if builtins.isString value && lib.hasSuffix "/" value then
      value + "default.nix"
    else
      value;
}
