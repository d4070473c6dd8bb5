/**
  From `systemd.units` to what the manifest says: the files below a unit directory, and what each unit is.
*/
{ lib }:

let
  inherit (builtins) attrNames elem readDir;
  names = import ./names.nix { inherit lib; };

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

  # Drop-ins for all units of a kind ("service.d") are there for systemd to read, and nothing follows from a change.
  dropInsForKinds =
    directory:
    lib.concatLists (
      lib.mapAttrsToList (
        name: _:
        lib.mapAttrsToList (conf: _: {
          name = "${name}/${conf}";
          path = "${directory}/${name}/${conf}";
        }) (lib.filterAttrs (conf: _: lib.hasSuffix ".conf" conf) (entries "${directory}/${name}"))
      ) (lib.filterAttrs (name: type: lib.match "[a-z]+\\.d" name != null && type == "directory") (entries directory))
    );

  # What entries of /etc say about units: { fragments = { name = path; }; masked = [ name ]; dropIns; wants; requires; }.
  unitsInEtc =
    directory: files:
    let
      inside = map (file: {
        inherit (file) source;
        parts = lib.splitString "/" (lib.removePrefix "${directory}/" file.target);
      }) (lib.filter (file: lib.hasPrefix "${directory}/" file.target) files);
      isUnit = name: lib.match names.unitNamePattern name != null;
      isStored = file: lib.hasPrefix "${builtins.storeDir}/" file.source;
      alone = lib.filter (file: lib.length file.parts == 1 && isUnit (lib.head file.parts)) inside;
      below = lib.filter (file: lib.length file.parts == 2) inside;
      belowWith =
        suffix: lib.filter (file: lib.hasSuffix suffix (lib.head file.parts) && isUnit (lib.removeSuffix suffix (lib.head file.parts))) below;
      linksIn =
        suffix:
        lib.zipAttrs (map (file: { ${lib.last file.parts} = lib.removeSuffix suffix (lib.head file.parts); }) (belowWith suffix));
    in
    {
      fragments = lib.listToAttrs (map (file: lib.nameValuePair (lib.head file.parts) file.source) (lib.filter isStored alone));
      masked = map (file: lib.head file.parts) (lib.filter (file: file.source == "/dev/null") alone);
      dropIns = lib.foldl' lib.recursiveUpdate { } (
        map (file: { ${lib.removeSuffix ".d" (lib.head file.parts)}.${lib.last file.parts} = file.source; }) (
          lib.filter (file: isStored file && lib.hasSuffix ".conf" (lib.last file.parts)) (belowWith ".d")
        )
      );
      wants = linksIn ".wants";
      requires = linksIn ".requires";
    };

  inBoth =
    read: kind: package:
    lib.recursiveUpdate (read "${package}/lib/systemd/${kind}") (read "${package}/etc/systemd/${kind}");
  packageUnits = inBoth unitsIn;
  packageDropIns = inBoth dropInsIn;
in
{
  # { directory, kind, substitute, units, packages, masked, etcFiles, writeText } -> { files, units }
  assemble =
    {
      directory,
      kind,
      substitute,
      units,
      packages,
      masked,
      etcFiles,
      writeText,
    }:
    let
      inEtc = unitsInEtc directory etcFiles;
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
        // lib.optionalAttrs ((linkedDropIns ? ${name} || inEtc.dropIns ? ${name}) && !record.masked) {
          dropIns = lib.attrValues (
            linkedDropIns.${name} or { }
            // lib.genAttrs' record.dropIns (file: lib.nameValuePair "overrides.conf" file)
            // inEtc.dropIns.${name} or { }
          );
        };
      withLinks =
        name: record:
        record
        // lib.optionalAttrs (inEtc.wants ? ${name}) { wantedBy = lib.unique (record.wantedBy ++ inEtc.wants.${name}); }
        // lib.optionalAttrs (inEtc.requires ? ${name}) { requiredBy = lib.unique (record.requiredBy ++ inEtc.requires.${name}); };
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
        ++ lib.concatMap (package: map ({ name, path }: link "${directory}/${name}" path) (
          dropInsForKinds "${package}/lib/systemd/${kind}" ++ dropInsForKinds "${package}/etc/systemd/${kind}"
        )) brought
        ++ map (name: link "${directory}/${name}" "/dev/null") (lib.subtractLists (attrNames units) masked);
      units = lib.mapAttrs (name: record: withLinks name (withDropIns name record)) (
        lib.mapAttrs (_: _: bare null) (linkedDropIns // inEtc.dropIns // inEtc.wants // inEtc.requires)
        // lib.mapAttrs (_: bare) (packaged // inEtc.fragments)
        // lib.genAttrs (masked ++ inEtc.masked) (_: bare null // { masked = true; })
        // lib.mapAttrs (_: unit: unit.record) own
      );
    };
}
