/** Options of units, kind by kind, as NixOS names them. Each attribute is a list of modules for a submodule. */
{
  lib,
  pkgs,
  strictByDefault ? false,
}:

let
  inherit (lib) mkOption types;
  names = import ./names.nix { inherit lib; };

  unitName = types.strMatching names.unitNamePattern // {
    description = "name of a unit";
  };
  unitNames = types.listOf unitName;

  option = type: default: description: mkOption { inherit type default description; };

  # A key of a unit file. If one definition is a list, all of them are joined to one.
  isUnitText =
    value:
    if builtins.isAttrs value then
      value ? outPath || value ? __toString
    else if lib.isList value then
      lib.all isUnitText value
    else
      !lib.isFunction value;
  unitValue = lib.mkOptionType {
    name = "systemd option";
    description = "text, number, Boolean, path or package, or a list of these";
    check = isUnitText;
    merge =
      path: definitions:
      if lib.any (definition: lib.isList definition.value) definitions then
        lib.concatMap (definition: lib.toList definition.value) definitions
      else
        lib.mergeEqualOption path definitions;
  };
  keys = types.attrsOf unitValue;

  oneOfWords =
    section: key: words: value:
    !(value ? ${key}) || lib.elem value.${key} words
    || throw "'${toString value.${key}}' is not a value of ${section} ${key}=; those are ${lib.concatStringsSep ", " words}";

  # Wrong values here are the usual slips, and systemd would only tell at the next start.
  serviceKeys = lib.types.addCheck keys (
    value:
    !lib.isAttrs value
    || (
      oneOfWords "[Service]" "Type" [
        "exec"
        "simple"
        "forking"
        "oneshot"
        "dbus"
        "notify"
        "notify-reload"
        "idle"
      ] (plain value)
      && oneOfWords "[Service]" "Restart" [
        "no"
        "on-success"
        "on-failure"
        "on-abnormal"
        "on-watchdog"
        "on-abort"
        "always"
      ] (plain value)
    )
  );
  plain = lib.filterAttrs (_: value: lib.isString value);

  distroPackages = pkgs ? distribution;

  # The tools that every script expects. On a distribution they are in the usual places already.
  defaultPath =
    if distroPackages then
      [
        "/usr/local"
        "/usr"
      ]
    else
      [
        pkgs.coreutils
        pkgs.findutils
        pkgs.gnugrep
        pkgs.gnused
        pkgs.systemd
      ];

  searchPath = packages: "${lib.makeBinPath packages}:${lib.makeSearchPathOutput "bin" "sbin" packages}";

  scriptFile =
    strict: name: text:
    let
      scriptName = lib.replaceStrings [ "\\" "@" ] [ "-" "_" ] name;
      file =
        if strict then
          pkgs.writeShellApplication {
            name = scriptName;
            inherit text;
          }
        else
          pkgs.writeTextFile {
            name = "unit-script-${scriptName}";
            executable = true;
            destination = "/bin/${scriptName}";
            text = "#!${pkgs.runtimeShell} -e\n${text}\n";
          };
    in
    "${file}/bin/${scriptName}";

  triggerFile =
    what: triggers:
    toString (
      pkgs.writeText what (
        toString (map (trigger: if builtins.isPath trigger then "${trigger}" else trigger) (lib.flatten triggers))
        + "\n"
      )
    );

  shared = {
    options = {
      enable = option types.bool true "Whether the unit may run. A unit that is switched off is masked.";
      overrideStrategy = mkOption {
        type = types.enum [
          "asDropinIfExists"
          "asDropin"
        ];
        default = "asDropinIfExists";
        description = "`asDropin` adds to a unit of the distribution; otherwise the unit stands for itself, unless one of systemd.packages has it.";
      };
      requiredBy = option unitNames [ ] "Units that require this one when they are started.";
      upheldBy = option unitNames [ ] "Units that keep this one running.";
      wantedBy = option unitNames [ ] "Units that start this one along with themselves.";
      aliases = option unitNames [ ] "Further names of the unit.";
    };
  };

  # Lists of units that become one key each.
  relations = {
    requires = "Requires";
    wants = "Wants";
    upholds = "Upholds";
    after = "After";
    before = "Before";
    bindsTo = "BindsTo";
    partOf = "PartOf";
    conflicts = "Conflicts";
    requisite = "Requisite";
    onFailure = "OnFailure";
    onSuccess = "OnSuccess";
  };

  common =
    {
      name,
      config,
      options,
      ...
    }:
    {
      options = {
        name = mkOption {
          type = types.str;
          default = name;
          internal = true;
          description = "Name of the unit without the suffix.";
        };
        description = option types.singleLineStr "" "What the unit is, for people.";
        documentation = option (types.listOf types.str) [ ] "URIs of documentation.";
        startLimitBurst = mkOption {
          type = types.int;
          description = "How many starts are allowed within startLimitIntervalSec.";
        };
        startLimitIntervalSec = mkOption {
          type = types.int;
          description = "Seconds over which starts are counted; 0 for no limit.";
        };
        unitConfig = option keys { } "Keys of the [Unit] section.";
        restartTriggers = option (types.listOf types.unspecified) [ ] "Values whose change restarts the unit, configuration files for example.";
        reloadTriggers = option (types.listOf unitValue) [ ] "Values whose change reloads the unit.";
      }
      // lib.mapAttrs (_: key: option unitNames [ ] "Units of the ${key}= relation.") relations;

      config.unitConfig =
        lib.concatMapAttrs (
          relation: key: lib.optionalAttrs (config.${relation} != [ ]) { ${key} = toString config.${relation}; }
        ) relations
        // lib.optionalAttrs (config.description != "") { Description = config.description; }
        // lib.optionalAttrs (config.documentation != [ ]) { Documentation = toString config.documentation; }
        // lib.optionalAttrs (config.restartTriggers != [ ]) {
          X-Restart-Triggers = triggerFile "X-Restart-Triggers-${names.mkPathSafeName config.name}" config.restartTriggers;
        }
        // lib.optionalAttrs (config.reloadTriggers != [ ]) {
          X-Reload-Triggers = triggerFile "X-Reload-Triggers-${names.mkPathSafeName config.name}" config.reloadTriggers;
        }
        // lib.optionalAttrs options.startLimitBurst.isDefined { StartLimitBurst = config.startLimitBurst; }
        // lib.optionalAttrs options.startLimitIntervalSec.isDefined {
          StartLimitIntervalSec = config.startLimitIntervalSec;
        };
    };

  script =
    what:
    option types.lines "" "Shell commands run ${what}.";

  service =
    { name, config, ... }:
    let
      file = scriptFile config.enableStrictShellChecks;
    in
    {
      options = {
        environment = mkOption {
          type = types.attrsOf (
            types.nullOr (
              types.oneOf [
                types.str
                types.path
                types.package
              ]
            )
          );
          default = { };
          description = "Environment variables of the service; null removes one of systemd.globalEnvironment.";
        };
        path = mkOption {
          type = types.listOf (
            types.oneOf [
              types.package
              types.str
            ]
          );
          default = [ ];
          description = "Packages whose `bin` and `sbin` make up the service's PATH, before the usual places.";
        };
        enableDefaultPath = option types.bool true "Whether the usual places are in the PATH as well.";
        serviceConfig = mkOption {
          type = serviceKeys;
          default = { };
          example.RestartSec = 5;
          description = "Keys of the [Service] section.";
        };
        enableStrictShellChecks = option types.bool strictByDefault "Whether scripts stop at unset variables and at failures in pipes, too.";
        script = script "as the service's main process";
        scriptArgs = option types.str "" "Arguments of `script`; specifiers such as %i are expanded.";
        preStart = script "before the main process is started";
        postStart = script "after the main process was started";
        reload = script "to reload the service";
        preStop = script "to stop the service";
        postStop = script "after the service stopped";
        restartIfChanged = option types.bool true "Whether a change of the unit restarts it.";
        reloadIfChanged = option types.bool false "Whether a change of the unit reloads it instead.";
        stopIfChanged = option types.bool true "Whether a changed unit is stopped with its old definition and started with the new one, rather than restarted with the new one.";
        notSocketActivated = option types.bool false "Whether the service is started on a switch although a socket belongs to it.";
        startAt = mkOption {
          type = types.either types.str (types.listOf types.str);
          default = [ ];
          apply = lib.toList;
          example = "Sun 14:00:00";
          description = "When a timer starts the service (systemd.time(7)).";
        };
      };

      config = {
        path = lib.mkIf (config.enableDefaultPath && !distroPackages) (lib.mkAfter defaultPath);
        environment = lib.mkIf (config.path != [ ]) {
          PATH = searchPath (config.path ++ lib.optionals (distroPackages && config.enableDefaultPath) defaultPath);
        };
        serviceConfig =
          lib.optionalAttrs (config.preStart != "") { ExecStartPre = [ (file "${name}-pre-start" config.preStart) ]; }
          // lib.optionalAttrs (config.script != "") {
            ExecStart = "${file "${name}-start" config.script} ${config.scriptArgs}";
          }
          // lib.optionalAttrs (config.postStart != "") { ExecStartPost = [ (file "${name}-post-start" config.postStart) ]; }
          // lib.optionalAttrs (config.reload != "") { ExecReload = file "${name}-reload" config.reload; }
          // lib.optionalAttrs (config.preStop != "") { ExecStop = file "${name}-pre-stop" config.preStop; }
          // lib.optionalAttrs (config.postStop != "") { ExecStopPost = file "${name}-post-stop" config.postStop; };
      };
    };

  socket = {
    options = {
      listenStreams = option (types.listOf (types.either types.port types.str)) [ ] "Addresses of ListenStream=.";
      listenDatagrams = option (types.listOf (types.either types.port types.str)) [ ] "Addresses of ListenDatagram=.";
      socketConfig = option keys { } "Keys of the [Socket] section.";
    };
  };

  onlyKeys = name: title: {
    options.${name} = option keys { } "Keys of the [${title}] section.";
  };

  mountPoint = {
    options.where = mkOption {
      type = types.strMatching "/.*" // {
        description = "absolute path";
      };
      example = "/mnt";
      description = "Absolute path of the mount point.";
    };
  };
  mount =
    { config, ... }:
    {
      options = {
        what = mkOption {
          type = types.str;
          example = "/dev/sda1";
          description = "What is mounted: a device, a directory, an address.";
        };
        type = option types.str "" "Type of the file system.";
        options = mkOption {
          type = types.coercedTo (types.listOf types.str) (lib.concatStringsSep ",") types.str;
          default = "";
          example = "noatime";
          description = "Mount options.";
        };
        mountConfig = option keys { } "Keys of the [Mount] section.";
      };
      config = {
        name = "${names.escapeSystemdPath config.where}";
        mountConfig = {
          What = config.what;
          Where = config.where;
        }
        // lib.optionalAttrs (config.type != "") { Type = config.type; }
        // lib.optionalAttrs (config.options != "") { Options = config.options; };
      };
    };
  automount =
    { config, ... }:
    {
      options.automountConfig = option keys { } "Keys of the [Automount] section.";
      config = {
        name = "${names.escapeSystemdPath config.where}";
        automountConfig.Where = config.where;
      };
    };
in
{
  inherit unitName;

  services = [
    shared
    common
    service
  ];
  sockets = [
    shared
    common
    socket
  ];
  timers = [
    shared
    common
    (onlyKeys "timerConfig" "Timer")
  ];
  paths = [
    shared
    common
    (onlyKeys "pathConfig" "Path")
  ];
  slices = [
    shared
    common
    (onlyKeys "sliceConfig" "Slice")
  ];
  targets = [
    shared
    common
  ];
  mounts = [
    shared
    common
    mountPoint
    mount
  ];
  automounts = [
    shared
    common
    mountPoint
    automount
  ];

  # Any unit, with its text as a whole.
  units = [
    shared
    (
      { name, config, ... }:
      {
        options = {
          text = mkOption {
            type = types.nullOr types.str;
            default = null;
            description = "Text of the unit file, or of the drop-in.";
          };
          unit = mkOption {
            type = types.package;
            internal = true;
            description = "The directory with the unit file.";
          };
        };
        config.unit = lib.mkDefault (
          pkgs.writeTextFile {
            name = "unit-${names.mkPathSafeName name}";
            text = config.text;
            destination = "/${name}";
          }
        );
      }
    )
  ];
}
