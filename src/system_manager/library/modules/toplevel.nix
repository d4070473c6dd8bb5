/** Everything together: the manifest that activation reads, and the directory it is in. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  inherit (config.system-manager) build;

  failed = map (entry: entry.message) (lib.filter (entry: !entry.assertion) config.assertions);

  checked =
    value:
    if failed == [ ] then
      value
    else
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}";

  # By target. Two entries for one place are allowed if they say the same.
  files = lib.zipAttrsWith (
    target: entries:
    let
      first = lib.head entries;
      other = lib.findFirst (entry: entry != first) null entries;
    in
    if other == null then
      first
    else
      throw "The file ${target} is defined twice with different content: ${first.source} and ${other.source}. Disable one of them (environment.etc.<name>.enable = false), or give the unit another name."
  ) (map (entry: { ${entry.target} = entry; }) (build.etcFiles ++ build.systemUnits.files ++ build.userUnits.files));

  parents =
    target:
    let
      parent = dirOf target;
    in
    if parent == "/" then [ ] else [ parent ] ++ parents parent;

  # A link cannot have anything below it, and neither can a file.
  placed = lib.mapAttrsToList (
    target: entry:
    let
      above = lib.findFirst (parent: files ? ${parent}) null (parents target);
    in
    if above == null then
      entry
    else
      throw "The file ${target} lies below ${above}, which is itself defined as a ${files.${above}.kind} of ${files.${above}.source}. Make one of them part of the other."
  ) files;

  # Units and scripts refer to more packages than these; what they refer to is known once they are built, and
  # the manifest is completed then.
  packages = lib.filter (package: package ? distributionPackage) config.environment.systemPackages;
  writeManifest = pkgs.writeManifest or (pkgs.writeText "manifest.json");

  checks = lib.filter (check: check.enable) (lib.attrValues config.system-manager.preActivationChecks);

  manifest = {
    version = 1;
    system = config.nixpkgs.hostPlatform.system;
    files = placed;
    inherit (build.systemUnits) units;
    userUnits = build.userUnits.units;
    packages = lib.unique (map toString packages);
    inherit (build)
      environment
      groups
      tmpfiles
      users
      ;
    path = "${config.system.path}";
    preActivationChecks = map (check: {
      inherit (check) name;
      script = "${pkgs.writeShellScript "check-${lib.strings.sanitizeDerivationName check.name}" check.script}";
    }) checks;
    inherit (config) warnings;
    inherit (config.system-manager) leftToDistribution;
  }
  // lib.optionalAttrs (!config.users.mutableUsers) { mutableUsers = false; }
  // build.activation;

  # For people who look: /etc as it will be. Links relative to their place in /etc would lead astray here.
  etcTree = lib.filter (entry: lib.hasPrefix "/nix/" entry.source) placed;
in
{
  options = {
    system-manager.build = {
      manifest = mkOption {
        type = types.raw;
        internal = true;
        readOnly = true;
        description = "What manifest.json will hold.";
      };
      toplevel = mkOption {
        type = types.package;
        internal = true;
        readOnly = true;
        description = "The directory with manifest.json.";
      };
    };
    system.build = mkOption {
      type = types.lazyAttrsOf types.unspecified;
      default = { };
      internal = true;
      description = "What a configuration builds, by name.";
    };
  };

  config = {
    system-manager.build = {
      inherit manifest;
      toplevel = checked (
        pkgs.linkFarm "system-manager" (
          [
            {
              name = "manifest.json";
              path = writeManifest (builtins.toJSON manifest);
            }
            {
              name = "etc";
              path = pkgs.linkFarm "etc" (
                map (entry: {
                  name = lib.removePrefix "/etc/" entry.target;
                  path = entry.source;
                }) etcTree
              );
            }
            {
              name = "sw";
              path = config.system.path;
            }
          ]
          ++ lib.imap0 (index: check: {
            name = "checks/${toString index}-${check.name}";
            path = check;
          }) config.system.checks
        )
      );
    };
    system.build = { inherit (config.system-manager.build) toplevel; };
  };
}
