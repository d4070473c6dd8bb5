/** Directories of links: to given places (linkFarm), or into several packages at once (buildEnv). */
{ lib, pkgs, ... }:

let
  inherit (builtins) isAttrs toJSON;

  # entries: [ { name, path } ], or { name = path; }
  linkFarm =
    name: entries:
    derivation {
      inherit name;
      system = "builtin";
      builder = "builtin:link-farm";
      preferLocalBuild = true;
      entries = toJSON (
        map (entry: {
          inherit (entry) name;
          path = "${entry.path}";
        }) (if isAttrs entries then lib.mapAttrsToList (name: path: { inherit name path; }) entries else entries)
      );
    };

  # The outputs of a package that are installed: those it names, and those that were asked for.
  outputsToInstall =
    extra: package:
    if isAttrs package && package ? outputs then
      map (output: "${package.${output}}") (
        lib.unique (
          package.meta.outputsToInstall or [ (package.outputName or "out") ]
          ++ lib.filter (output: lib.elem output package.outputs) extra
        )
      )
    else
      [ "${package}" ];

  item = extra: package: {
    paths = outputsToInstall extra package;
    priority = package.meta.priority or lib.meta.defaultPriority;
  };

  buildEnv =
    {
      name,
      paths,
      pathsToLink ? [ "/" ],
      extraOutputsToInstall ? [ ],
      ignoreCollisions ? false,
      # Shell commands that change the finished directory "$out".
      postBuild ? "",
      meta ? { },
      ...
    }:
    let
      environment = derivation {
        inherit name;
        system = "builtin";
        builder = "builtin:build-env";
        preferLocalBuild = true;
        paths = toJSON (map (item extraOutputsToInstall) paths);
        pathsToLink = toJSON pathsToLink;
        ignoreCollisions = if ignoreCollisions then "1" else "";
      };
      changed = pkgs.runCommand name { } ''
        cp -a ${environment} $out
        chmod -R u+w $out
        ${postBuild}
      '';
    in
    (if postBuild == "" then environment else changed) // { inherit meta; };
in
{
  inherit buildEnv linkFarm;

  linkFarmFromDrvs =
    name: packages:
    linkFarm name (
      map (package: {
        inherit (package) name;
        path = package.outPath;
      }) packages
    );

  symlinkJoin =
    arguments@{
      paths,
      name ? "${arguments.pname}-${arguments.version}",
      postBuild ? "",
      meta ? { },
      ...
    }:
    buildEnv {
      inherit
        name
        paths
        postBuild
        meta
        ;
    };
}
