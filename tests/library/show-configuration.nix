# What a configuration becomes, as text for people to read: { files, units, texts, … }, without what every
# configuration has.
{
  made,
  empty,
  isEmpty ? false,
}:

let
  inherit (made) lib config manifest;

  unitTexts = lib.mapAttrs (_: unit: unit.text) (lib.filterAttrs (_: unit: unit.enable) config.systemd.units);
  userTexts = lib.mapAttrs (_: unit: unit.text) config.systemd.user.units;
  etcTexts = lib.mapAttrs (_: entry: entry.text) (lib.filterAttrs (_: entry: entry.enable && entry.text != null) config.environment.etc);

  known = map (file: file.target) empty.manifest.files;
  changed = old: new: lib.filterAttrs (name: value: old.${name} or null != value) new;

  showFile =
    file:
    "${file.target} ${
      if file.kind == "link" then "-> ${file.source}" else "= ${file.source} ${file.mode} ${file.user}:${file.group}"
    }${lib.optionalString file.replaceExisting " (replaces)"}";

  section = name: text: "=== ${name}\n${text}";
  texts = kind: set: lib.mapAttrsToList (name: section "${kind} ${name}") set;
  bare = unit: builtins.toJSON (lib.filterAttrs (_: value: value != [ ] && value != false && value != null) unit);

  # Where it is not as usual.
  activation = lib.filterAttrs (name: value: empty.manifest.${name} or null != value) {
    inherit (manifest) healthChecks settleTime;
    unitTimeout = manifest.unitTimeout or null;
  };

  listing = name: lines: lib.optional (lines != [ ]) (section name (lib.concatLines lines));
in
lib.concatStringsSep "\n" (
  listing "files" (map showFile (lib.filter (file: !(lib.elem file.target known) || isEmpty) manifest.files))
  ++ listing "units" (
    lib.mapAttrsToList (name: unit: "${name} ${bare unit}") (changed empty.manifest.units manifest.units)
  )
  ++ listing "units of users" (lib.mapAttrsToList (name: unit: "${name} ${bare unit}") manifest.userUnits)
  ++ listing "users" (lib.mapAttrsToList (name: user: "${name} ${builtins.toJSON user}") manifest.users)
  ++ listing "groups" (lib.mapAttrsToList (name: group: "${name} ${builtins.toJSON group}") manifest.groups)
  ++ lib.optional (manifest ? mutableUsers) (section "mutableUsers" (lib.boolToString manifest.mutableUsers + "\n"))
  ++ texts "unit" (changed (lib.mapAttrs (_: unit: unit.text) empty.config.systemd.units) unitTexts)
  ++ texts "user unit" userTexts
  ++ texts "file" (changed (lib.mapAttrs (_: entry: entry.text) empty.config.environment.etc) etcTexts)
  ++ lib.optional config.services.nginx.enable (section "nginx.conf" config.services.nginx.configFile.text)
  ++ listing "environment" (lib.mapAttrsToList (name: value: "${name}=${value}") manifest.environment)
  ++ listing "tmpfiles" (lib.subtractLists empty.manifest.tmpfiles manifest.tmpfiles)
  ++ listing "packages" manifest.packages
  ++ listing "checks" (map (check: check.name) (lib.filter (check: check.name != "osVersion") manifest.preActivationChecks))
  ++ listing "activation" (lib.mapAttrsToList (name: value: "${name} ${builtins.toJSON value}") activation)
  ++ listing "warnings" manifest.warnings
  ++ listing "left to the distribution" manifest.leftToDistribution
)
