/**
  From `systemd.units` to what the manifest says: the files below a unit directory, and what each unit is.
*/
{ lib }:

let
  inherit (builtins) attrNames elem readDir;

  link = target: source: {
    inherit target source;
    kind = "link";
    replaceExisting = false;
  };

  # multi-user.target and timers.target are the distribution's: starting them again on a switch would also
  # start what the administrator stopped. A unit that is ordered after one of them has to stay in it, since it
  # would otherwise be waited for by the very target it waits for.
  substituted = [
    "multi-user.target"
    "timers.target"
  ];
  ownTarget = "system-manager.target";

  place =
    substitute: name: unit: target:
    if substitute && elem target substituted && name != ownTarget && !elem target unit.orderedAfter then
      ownTarget
    else
      target;

  # Unit files that a package brings: { name = path; }. The package is built now if it has to be.
  packageUnits =
    kind: package:
    let
      listing =
        directory:
        lib.optionalAttrs (builtins.pathExists directory) (
          lib.mapAttrs (name: _: "${directory}/${name}") (
            lib.filterAttrs (name: type: lib.match "[^.].*\\.[a-z]+" name != null && type != "directory") (readDir directory)
          )
        );
    in
    listing "${package}/lib/systemd/${kind}" // listing "${package}/etc/systemd/${kind}";
in
{
  # { directory, kind, substitute, units, packages, masked } -> { files, units }
  assemble =
    {
      directory,
      kind,
      substitute,
      units,
      packages,
      masked,
    }:
    let
      fromPackages = lib.mergeAttrsList (map (packageUnits kind) packages);
      # A package of the distribution has its unit files in the distribution's own directory.
      linkedPackages = lib.mergeAttrsList (
        map (packageUnits kind) (lib.filter (package: !(package ? distributionPackage)) packages)
      );

      isDropIn = name: unit: unit.overrideStrategy == "asDropin" || (fromPackages ? ${name} && unit.enable);

      relation =
        name: unit: suffix: targets:
        map (target: link "${directory}/${place substitute name unit target}.${suffix}/${name}" "../${name}") targets;

      describe =
        name: unit:
        let
          dropIn = isDropIn name unit;
          file = "${unit.unit}/${name}";
          target = if dropIn then "${directory}/${name}.d/overrides.conf" else "${directory}/${name}";
          placed = lib.unique (map (place substitute name unit) unit.wantedBy);
        in
        if !unit.enable then
          {
            files = [ (link target "/dev/null") ];
            record = {
              fragment = null;
              dropIns = [ ];
              masked = !dropIn;
              wantedBy = [ ];
              requiredBy = [ ];
              upheldBy = [ ];
              aliases = [ ];
            };
          }
        else
          {
            files =
              [ (link target file) ]
              ++ map (alias: link "${directory}/${alias}" name) unit.aliases
              ++ relation name unit "wants" unit.wantedBy
              ++ relation name unit "requires" unit.requiredBy
              ++ relation name unit "upholds" unit.upheldBy;
            record = {
              fragment = if dropIn then linkedPackages.${name} or null else file;
              dropIns = lib.optional dropIn file;
              masked = false;
              wantedBy = placed;
              requiredBy = lib.unique (map (place substitute name unit) unit.requiredBy);
              upheldBy = lib.unique (map (place substitute name unit) unit.upheldBy);
              inherit (unit) aliases;
            };
          };

      bare = fragment: {
        inherit fragment;
        dropIns = [ ];
        masked = false;
        wantedBy = [ ];
        requiredBy = [ ];
        upheldBy = [ ];
        aliases = [ ];
      };

      own = lib.mapAttrs describe units;
      replaced = name: units ? ${name} && !(isDropIn name units.${name});
      packaged = lib.filterAttrs (name: _: !replaced name) linkedPackages;
    in
    {
      files =
        lib.concatMap (name: own.${name}.files) (attrNames own)
        ++ lib.mapAttrsToList (name: path: link "${directory}/${name}" path) packaged
        ++ map (name: link "${directory}/${name}" "/dev/null") (lib.subtractLists (attrNames units) masked);
      units =
        lib.mapAttrs (_: bare) packaged
        // lib.genAttrs masked (_: bare null // { masked = true; })
        // lib.mapAttrs (_: unit: unit.record) own;
    };
}
