/** Files and directories that systemd-tmpfiles makes, cleans and removes (tmpfiles.d(5)). */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.systemd.tmpfiles;
  names = import ./names.nix { inherit lib; };

  rulesFile = "00-system-manager.conf";

  typedField =
    type: default: description:
    mkOption { inherit type default description; };
  field = typedField types.str;
  matching = description: pattern: types.strMatching "-?|${pattern}" // { inherit description; };

  rule =
    { name, ... }:
    {
      options = {
        type = mkOption {
          type = types.str;
          default = name;
          defaultText = "the attribute name";
          example = "d";
          description = "What is done with the path.";
        };
        mode = typedField (matching "octal mode, or -" names.tmpfilesMode) "-" "Octal mode, or `-`.";
        user = field "-" "Owner: name, number, or `-`.";
        group = field "-" "Group: name, number, or `-`.";
        age = typedField (matching "time span such as 10d, or -" names.tmpfilesAge) "-" "How old what is inside may become, or `-`.";
        argument = field "" "Argument, whose meaning depends on the type.";
      };
    };

  # The fields before the argument are one word each, so they are quoted; a quote in them ends the word.
  quoted =
    text:
    if lib.hasInfix "'" text then
      "\"${lib.replaceStrings [ "\\" "\"" ] [ "\\\\" "\\\"" ] text}\""
    else
      "'${text}'";

  # The argument is the rest of the line, with the escapes of C.
  escapedArgument = lib.strings.escapeC [
    "\t"
    "\n"
    "\r"
    " "
    "\\"
  ];

  line =
    path: entry:
    "${
      lib.concatMapStringsSep " " quoted [
        entry.type
        path
        entry.mode
        entry.user
        entry.group
        entry.age
      ]
    } ${escapedArgument entry.argument}\n";

  settingsFile =
    paths:
    lib.concatStrings (
      lib.concatLists (lib.mapAttrsToList (path: entries: map (line path) (lib.attrValues entries)) paths)
    );

  packageFiles =
    package:
    let
      directory = "${package}/lib/tmpfiles.d";
      found = lib.optionals (builtins.pathExists directory) (
        lib.filter (lib.hasSuffix ".conf") (lib.attrNames (builtins.readDir directory))
      );
    in
    if found == [ ] then
      throw "systemd.tmpfiles.packages: ${package} has no lib/tmpfiles.d/*.conf"
    else
      lib.genAttrs found (name: "${directory}/${name}");

  # What belongs to the distribution's packages is in the distribution's own directory already.
  fromPackages = lib.mergeAttrsList (
    lib.reverseList (map packageFiles (lib.filter (package: !(package ? distributionPackage)) cfg.packages))
  );

  settingsFiles = lib.mapAttrs' (name: paths: lib.nameValuePair "${name}.conf" (settingsFile paths)) cfg.settings;
  fileNames = lib.unique ([ rulesFile ] ++ lib.attrNames settingsFiles ++ lib.attrNames fromPackages);

  looksEscaped = lib.concatLists (
    lib.mapAttrsToList (
      file: paths:
      lib.concatLists (
        lib.mapAttrsToList (
          path: entries:
          lib.concatMap (
            entry:
            lib.optional (lib.match ".*\\\\([nrt\\\\]|x[0-9A-Fa-f][0-9A-Fa-f]).*" entry.argument != null)
              "systemd.tmpfiles.settings.${file}.\"${path}\".${entry.type}.argument looks escaped already; it will be escaped again"
          ) (lib.attrValues entries)
        ) paths
      )
    ) cfg.settings
  );
in
{
  options.systemd.tmpfiles = {
    rules = mkOption {
      type = types.listOf names.tmpfilesRule;
      default = [ ];
      example = [ "d /var/cache/app 0750 app app 10d" ];
      description = "Lines of tmpfiles.d(5), taken as they are.";
    };
    settings = mkOption {
      type = types.attrsOf (types.attrsOf (types.attrsOf (types.submodule rule)));
      default = { };
      example."10-app"."/var/lib/app".d = {
        mode = "0755";
        user = "root";
      };
      description = "Rules by file, path and type. Everything is quoted as needed.";
    };
    packages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      description = "Packages that bring rules.";
    };
  };

  options.system-manager.build.tmpfiles = mkOption {
    type = types.raw;
    internal = true;
    readOnly = true;
    description = "The files with the rules of this configuration.";
  };

  config = {
    environment.etc =
      lib.mapAttrs' (name: source: lib.nameValuePair "tmpfiles.d/${name}" { inherit source; }) fromPackages
      // lib.mapAttrs' (name: text: lib.nameValuePair "tmpfiles.d/${name}" { inherit text; }) settingsFiles
      // {
        "tmpfiles.d/${rulesFile}".text = "# Made by System Manager from the configuration (systemd.tmpfiles.rules);\n# changes here are lost.\n\n${lib.concatLines cfg.rules}";
      };

    warnings = looksEscaped;

    # At boot the distribution's own unit applies the rules. This one does at the first switch after it, and
    # whenever they changed; only ours, and without what they remove: nothing would bring that back.
    systemd.services.systemd-tmpfiles-resetup = {
      description = "Files and directories of System Manager";
      documentation = [ "man:tmpfiles.d(5)" ];
      requiredBy = [ "sysinit-reactivation.target" ];
      after = [
        "local-fs.target"
        "systemd-sysusers.service"
        "systemd-journald.service"
      ];
      before = [
        "sysinit-reactivation.target"
        "shutdown.target"
      ];
      conflicts = [ "shutdown.target" ];
      restartTriggers = map (name: config.environment.etc."tmpfiles.d/${name}".source) fileNames;
      enableDefaultPath = false;
      unitConfig.DefaultDependencies = false;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "systemd-tmpfiles --create --exclude-prefix=/dev ${
          lib.concatMapStringsSep " " (name: "/etc/tmpfiles.d/${name}") fileNames
        }";
        SuccessExitStatus = "DATAERR CANTCREAT";
      };
    };

    system-manager.build.tmpfiles = map (name: "/etc/tmpfiles.d/${name}") fileNames;
  };
}
