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

  entries = directory: lib.optionalAttrs (builtins.pathExists directory) (readDir directory);

  # Unit files that a package brings: { name = path; }. The package is built now if it has to be.
  unitsIn =
    directory:
    lib.mapAttrs (name: _: "${directory}/${name}") (
      lib.filterAttrs (name: type: lib.match "[^.].*\\.[a-z]+" name != null && type != "directory") (entries directory)
    );

  # Drop-ins that it brings: { unit = { name = path; }; }.
  dropInsIn =
    directory:
    lib.mapAttrs' (
      name: _:
      lib.nameValuePair (lib.removeSuffix ".d" name) (
        lib.mapAttrs (conf: _: "${directory}/${name}/${conf}") (
          lib.filterAttrs (conf: _: lib.hasSuffix ".conf" conf) (entries "${directory}/${name}")
        )
      )
    ) (lib.filterAttrs (name: type: lib.match "[^.].*\\.[a-z]+\\.d" name != null && type == "directory") (entries directory));

  inBoth =
    read: kind: package:
    lib.recursiveUpdate (read "${package}/lib/systemd/${kind}") (read "${package}/etc/systemd/${kind}");
  packageUnits = inBoth unitsIn;
  packageDropIns = inBoth dropInsIn;
in
{
  # { directory, kind, substitute, units, packages, masked, writeText } -> { files, units }
  assemble =
    {
      directory,
      kind,
      substitute,
      units,
      packages,
      masked,
      writeText,
    }:
    let
      fromPackages = lib.mergeAttrsList (map (packageUnits kind) packages);
      # A package of the distribution has its unit files in the distribution's own directory.
      brought = lib.filter (package: !(package ? distributionPackage)) packages;
      linkedPackages = lib.mergeAttrsList (map (packageUnits kind) brought);
      linkedDropIns = lib.foldl' lib.recursiveUpdate { } (map (packageDropIns kind) brought);

      isDropIn = name: unit: unit.overrideStrategy == "asDropin" || (fromPackages ? ${name} && unit.enable);

      relation =
        name: unit: suffix: targets:
        map (target: link "${directory}/${place substitute name unit target}.${suffix}/${name}" "../${name}") targets;

      # systemd reads X.upholds/ since version 254; the same in a drop-in it has known for longer.
      uphold =
        name: unit: target:
        link "${directory}/${place substitute name unit target}.d/upholds-${name}.conf" (
          toString (writeText "upholds-${lib.strings.sanitizeDerivationName name}.conf" "[Unit]\nUpholds=${name}\n")
        );

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
              ++ relation name unit "upholds" unit.upheldBy
              ++ map (uphold name unit) unit.upheldBy;
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
      # In the order of their names, which is the one in which systemd reads them.
      withDropIns =
        name: record:
        record
        // lib.optionalAttrs (linkedDropIns ? ${name} && !record.masked) {
          dropIns = lib.attrValues (linkedDropIns.${name} // lib.genAttrs' record.dropIns (file: lib.nameValuePair "overrides.conf" file));
        };
      replaced = name: units ? ${name} && !(isDropIn name units.${name});
      packaged = lib.filterAttrs (name: _: !replaced name) linkedPackages;
    in
    {
      files =
        lib.concatMap (name: own.${name}.files) (attrNames own)
        ++ lib.mapAttrsToList (name: path: link "${directory}/${name}" path) packaged
        ++ lib.concatLists (
          lib.mapAttrsToList (
            name: lib.mapAttrsToList (conf: link "${directory}/${name}.d/${conf}")
          ) linkedDropIns
        )
        ++ map (name: link "${directory}/${name}" "/dev/null") (lib.subtractLists (attrNames units) masked);
      units = lib.mapAttrs withDropIns (
        lib.mapAttrs (_: _: bare null) linkedDropIns
        // lib.mapAttrs (_: bare) packaged
        // lib.genAttrs masked (_: bare null // { masked = true; })
        // lib.mapAttrs (_: unit: unit.record) own
      );
    };
}
