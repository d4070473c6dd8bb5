/**
  Users and groups, as NixOS declares them. Accounts that are there already keep their numbers, and of their
  fields those change that a configuration sets itself: defaults are for accounts that are made.
*/
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.users;
  rootPassword = config.security.initialRootPassword;

  # Weaker than mkDefault, so that a definition by a configuration can be told from what follows from isNormalUser.
  followsPriority = 1400;
  follows = lib.mkOverride followsPriority;

  ranges =
    start:
    types.listOf (
      types.submodule {
        options = {
          ${start} = mkOption {
            type = types.ints.unsigned;
            description = "First id of the range.";
          };
          count = mkOption {
            type = types.ints.positive;
            default = 1;
            description = "Number of ids in the range.";
          };
        };
      }
    );

  passwordText = "It is set when the account is made, and afterwards only where users.mutableUsers is false. The store, which everybody on the machine can read, holds it.";

  user =
    {
      name,
      config,
      options,
      ...
    }:
    {
      options = {
        enable = mkOption {
          type = types.bool;
          default = true;
          description = "Switched off, the user is as if it were not declared.";
        };
        name = mkOption {
          type = types.passwdEntry types.str;
          default = name;
          defaultText = "the attribute name";
          description = "Name of the account.";
        };
        description = mkOption {
          type = types.passwdEntry types.str;
          default = "";
          example = "Alice Q. User";
          description = "The user's full name, or what the account is for.";
        };
        uid = mkOption {
          type = types.nullOr types.ints.unsigned;
          default = null;
          description = "Number of the account when it is made; null takes a free one. An account never changes its number.";
        };
        isSystemUser = mkOption {
          type = types.bool;
          default = false;
          description = "Whether the account is a service's. Either this or isNormalUser has to be set.";
        };
        isNormalUser = mkOption {
          type = types.bool;
          default = false;
          description = "Whether the account is a person's. It sets defaults for group, home, createHome, shell and subordinate ids.";
        };
        group = mkOption {
          type = types.str;
          default = "";
          description = "Primary group: one of users.groups, or one that the machine has.";
        };
        extraGroups = mkOption {
          type = types.listOf types.str;
          default = [ ];
          example = [ "sudo" ];
          description = "Other groups that the user is put into.";
        };
        home = mkOption {
          type = types.passwdEntry types.path;
          default = "/var/empty";
          description = "Home directory.";
        };
        homeMode = mkOption {
          type = types.strMatching "[0-7]{1,5}";
          default = "700";
          description = "Mode of the home directory when it is made.";
        };
        createHome = mkOption {
          type = types.bool;
          default = false;
          description = "Whether the home directory is made when it is missing. It is never removed.";
        };
        shell = mkOption {
          type = types.nullOr (types.either types.shellPackage (types.passwdEntry types.path));
          default = "/usr/sbin/nologin";
          example = lib.literalExpression "pkgs.zsh";
          description = "Login shell: a path, or a package, which is then installed. null leaves it as it is.";
        };
        useDefaultShell = mkOption {
          type = types.bool;
          default = false;
          description = "Whether the shell is users.defaultUserShell.";
        };
        ignoreShellProgramCheck = mkOption {
          type = types.bool;
          default = false;
          description = "Has no effect; shells need no module here.";
        };
        password = mkOption {
          type = types.nullOr types.str;
          default = null;
          description = "Password in clear text. ${passwordText}";
        };
        hashedPassword = mkOption {
          type = types.nullOr (types.passwdEntry types.str);
          default = null;
          description = "Hash of the password, as mkpasswd(1) prints it. ${passwordText}";
        };
        hashedPasswordFile = mkOption {
          type = types.nullOr types.str;
          default = null;
          example = "/run/secrets/alice";
          description = "File on the machine with the hash of the password. It is read when the account is made.";
        };
        passwordFile = mkOption {
          type = types.nullOr types.str;
          default = null;
          visible = false;
          description = "Former name of hashedPasswordFile.";
        };
        initialPassword = mkOption {
          type = types.nullOr types.str;
          default = null;
          description = "As password, and weaker. ${passwordText}";
        };
        initialHashedPassword = mkOption {
          type = types.nullOr (types.passwdEntry types.str);
          default = null;
          description = "As hashedPassword, and weaker. ${passwordText}";
        };
        expires = mkOption {
          type = types.nullOr (types.strMatching "[0-9]{4}-[0-9]{2}-[0-9]{2}");
          default = null;
          example = "2027-01-31";
          description = "Day from which on the account cannot be used.";
        };
        subUidRanges = mkOption {
          type = ranges "startUid";
          default = [ ];
          description = "Subordinate user ids, which are added to /etc/subuid.";
        };
        subGidRanges = mkOption {
          type = ranges "startGid";
          default = [ ];
          description = "Subordinate group ids, which are added to /etc/subgid.";
        };
        autoSubUidGidRange = mkOption {
          type = types.bool;
          default = false;
          description = "Whether free ranges of subordinate ids are found for a user that has none.";
        };
        linger = mkOption {
          type = types.nullOr types.bool;
          default = null;
          description = "Whether the user's services run without a login; null leaves that to loginctl.";
        };
        packages = mkOption {
          type = types.listOf types.package;
          default = [ ];
          description = "Packages whose programs are in this user's PATH.";
        };
        openssh.authorizedKeys = {
          keys = mkOption {
            type = types.listOf types.singleLineStr;
            default = [ ];
            description = "Public keys with which one may log in. They are written to /etc/ssh/authorized_keys.d.";
          };
          keyFiles = mkOption {
            type = types.listOf types.path;
            default = [ ];
            description = "Files with public keys, read when the configuration is evaluated.";
          };
        };
        openssh.authorizedPrincipals = mkOption {
          type = types.listOf types.singleLineStr;
          default = [ ];
          example = [ "alice@example.org" ];
          description = "Names of which one has to be in a certificate, beside the signature of a trusted authority, for a login as this user. They are written to /etc/ssh/authorized_principals.d.";
        };
        cryptHomeLuks = mkOption {
          type = types.nullOr types.str;
          default = null;
          description = "Device of an encrypted home. It is left to the distribution.";
        };
        pamMount = mkOption {
          type = types.attrsOf types.str;
          default = { };
          description = "What pam_mount mounts. It is left to the distribution.";
        };
        given = mkOption {
          type = types.listOf types.str;
          internal = true;
          readOnly = true;
          description = "Fields that were set, and did not only follow from something else.";
        };
      };

      config = lib.mkMerge [
        {
          given = lib.filter (field: options.${field}.highestPrio < followsPriority) [
            "autoSubUidGidRange"
            "createHome"
            "description"
            "expires"
            "group"
            "home"
            "shell"
          ];
          hashedPasswordFile = lib.mkIf (config.passwordFile != null) (follows config.passwordFile);
        }
        (lib.mkIf config.isNormalUser {
          group = follows "users";
          createHome = follows true;
          home = follows "${cfg.defaultUserHome}/${config.name}";
          useDefaultShell = follows true;
        })
        (lib.mkIf config.useDefaultShell { shell = follows cfg.defaultUserShell; })
        (lib.mkIf (config.isNormalUser && config.subUidRanges == [ ] && config.subGidRanges == [ ]) {
          autoSubUidGidRange = follows true;
        })
        # As a small number does on NixOS: a module that has asked for the number of a service was given none.
        (lib.mkIf (config.uid == null && options.uid.highestPrio < followsPriority && !config.isNormalUser) {
          isSystemUser = follows true;
        })
        # NixOS declares root itself. Here it is only ever changed where a configuration says so.
        (lib.mkIf (name == "root") {
          uid = follows 0;
          group = follows "root";
          home = follows "/root";
          shell = follows null;
        })
      ];
    };

  group =
    { name, ... }:
    {
      options = {
        name = mkOption {
          type = types.passwdEntry types.str;
          default = name;
          defaultText = "the attribute name";
          description = "Name of the group.";
        };
        gid = mkOption {
          type = types.nullOr types.ints.unsigned;
          default = null;
          description = "Number of the group when it is made; null takes a free one. A group never changes its number.";
        };
        members = mkOption {
          type = types.listOf (types.passwdEntry types.str);
          default = [ ];
          description = "Users who are in the group. Whoever else is in it stays in it.";
        };
      };
    };

  users = lib.filter (entry: entry.enable) (lib.attrValues cfg.users);
  groups = lib.attrValues cfg.groups;
  ofUser = entry: text: "users.users.${entry.name}${text}";

  isPackage = shell: lib.isAttrs shell;
  shellPath =
    shell:
    if shell == null then
      null
    else if !isPackage shell then
      toString shell
    else if shell ? distributionPackage then
      shell.shellPath
    else
      "/run/system-manager/sw${shell.shellPath}";

  described = lib.filterAttrs (_: value: value != null && value != [ ] && value != false && value != "");

  userRecord =
    entry:
    described {
      normal = entry.isNormalUser;
      shell = shellPath entry.shell;
      subUidRanges = map (range: {
        start = range.startUid;
        inherit (range) count;
      }) entry.subUidRanges;
      subGidRanges = map (range: {
        start = range.startGid;
        inherit (range) count;
      }) entry.subGidRanges;
      inherit (entry)
        autoSubUidGidRange
        createHome
        description
        expires
        extraGroups
        given
        group
        hashedPasswordFile
        home
        homeMode
        uid
        ;
    }
    # False and the empty text say something here: an empty hash is a login without a password.
    // lib.filterAttrs (_: value: value != null) {
      inherit (entry)
        hashedPassword
        initialHashedPassword
        initialPassword
        linger
        password
        ;
    };

  groupRecord =
    entry:
    described {
      inherit (entry) gid members;
    };

  byName = record: entries: lib.listToAttrs (map (entry: lib.nameValuePair entry.name (record entry)) entries);

  # [ "1000 (a, b)" ] for numbers that several have.
  shared =
    field: entries:
    lib.mapAttrsToList (number: names: "${number} (${lib.concatStringsSep ", " names})") (
      lib.filterAttrs (_: names: lib.length names > 1) (
        lib.zipAttrsWith (_: names: names) (
          map (entry: { ${toString entry.${field}} = entry.name; }) (lib.filter (entry: entry.${field} != null) entries)
        )
      )
    );

  isName = name: lib.match "[A-Za-z_][A-Za-z0-9_.-]*\\$?" name != null && lib.stringLength name < 32;
  isSystem = entry: entry.isSystemUser || (entry.uid != null && entry.uid < 1000);

  userAssertions = entry: [
    {
      assertion = isName entry.name;
      message = "${ofUser entry ".name"}: an account's name has fewer than 32 letters, digits, '_', '.' and '-', and begins with a letter or '_'.";
    }
    {
      assertion = isSystem entry != entry.isNormalUser;
      message = "Exactly one of ${ofUser entry ".isSystemUser"} and ${ofUser entry ".isNormalUser"} must be set.";
    }
    {
      assertion = entry.group != "";
      message = "${ofUser entry ".group"} is unset. Give the primary group: for a service often users.groups.${entry.name} = { } and ${ofUser entry ".group"} = \"${entry.name}\".";
    }
  ];

  # Without mutable users what is initial is a default of the others, and clear text is stronger.
  passwordOptions = [
    "initialHashedPassword"
  ]
  ++ (if cfg.mutableUsers then [ "initialPassword" "hashedPassword" ] else [ "hashedPassword" "initialPassword" ])
  ++ [
    "password"
    "hashedPasswordFile"
  ];
  isHash = text: text == "" || lib.elem text [ "!" "!!" "*" ] || lib.match "!?(\\$[^$]+\\$.+|_?[./0-9A-Za-z]{13,20})" text != null;

  # The type of a key, behind options if there are any, and what it says in base 64.
  isKey = text: lib.match "(|#.*|(.*[[:space:]])?(ssh|ecdsa|sk)-[a-z0-9@.-]+[[:space:]]+[A-Za-z0-9+/]+=*([[:space:]].*)?)" (lib.trim text) != null;

  userWarnings =
    entry:
    let
      noKeys = lib.filter (key: !isKey key) entry.openssh.authorizedKeys.keys;
      set = lib.filter (name: entry.${name} != null) passwordOptions;
      odd = lib.filter (name: entry.${name} != null && !isHash entry.${name}) [
        "hashedPassword"
        "initialHashedPassword"
      ];
    in
    lib.optional (lib.length set > 1) "${ofUser entry ""}: of ${lib.concatStringsSep ", " set} only the last one counts."
    ++ map (name: "${ofUser entry ".${name}"}: this does not look like the hash of a password, with which nobody could log in.") odd
    ++ map (key: "${ofUser entry ".openssh.authorizedKeys.keys"}: \"${key}\" does not look like a public key, with which nobody could log in.") noKeys
    ++ lib.optional (entry.passwordFile != null) "${ofUser entry ".passwordFile"} is now called hashedPasswordFile.";

  keys =
    entry:
    let
      given = entry.openssh.authorizedKeys.keys ++ map builtins.readFile entry.openssh.authorizedKeys.keyFiles;
    in
    lib.optionalAttrs (given != [ ]) {
      "ssh/authorized_keys.d/${entry.name}" = {
        text = lib.concatMapStrings (key: lib.removeSuffix "\n" key + "\n") given;
        mode = "0444";
      };
    };

  principals =
    entry:
    let
      given = entry.openssh.authorizedPrincipals;
    in
    lib.optionalAttrs (given != [ ]) {
      "ssh/authorized_principals.d/${entry.name}" = {
        text = lib.concatMapStrings (principal: "${principal}\n") given;
        mode = "0444";
      };
    };

  profile =
    entry:
    lib.optionalAttrs (entry.packages != [ ]) {
      "profiles/per-user/${entry.name}".source = pkgs.buildEnv {
        name = "user-environment";
        paths = entry.packages;
        pathsToLink = [
          "/bin"
          "/share"
        ];
      };
    };

  bool =
    default: description:
    mkOption {
      type = types.bool;
      inherit default description;
    };
in
{
  imports = [
    (lib.mkAliasOptionModule [ "users" "extraUsers" ] [ "users" "users" ])
    (lib.mkAliasOptionModule [ "users" "extraGroups" ] [ "users" "groups" ])
  ];

  options = {
    users = {
      users = mkOption {
        type = types.attrsOf (types.submodule user);
        default = { };
        example = lib.literalExpression ''{ alice = { isNormalUser = true; extraGroups = [ "sudo" ]; }; }'';
        description = "Users of the machine.";
      };
      groups = mkOption {
        type = types.attrsOf (types.submodule group);
        default = { };
        description = "Groups of the machine.";
      };
      mutableUsers = bool true "Whether what somebody else does to declared accounts is theirs. Switched off, each switch sets their passwords, and those that are in declared groups of ours, to what the configuration says. Accounts that are not declared are never touched.";
      enforceIdUniqueness = bool true "Whether two declared accounts with one number are refused when the configuration is evaluated. On the machine they always are.";
      allowNoPasswordLogin = bool false "Has no effect: accounts that are not declared stay as they are, so nobody is locked out.";
      manageLingering = bool true "Whether users.users.<name>.linger is carried out.";
      defaultUserHome = mkOption {
        type = types.path;
        default = "/home";
        description = "Directory with the homes of normal users.";
      };
      defaultUserShell = mkOption {
        type = types.either types.shellPackage (types.passwdEntry types.path);
        default = "/bin/bash";
        description = "Login shell of users with useDefaultShell.";
      };
    };
    security.initialRootPassword = mkOption {
      type = types.nullOr types.str;
      default = null;
      visible = false;
      description = "Former name of users.users.root.initialHashedPassword, where `!` means null.";
    };
    system-manager.build = lib.genAttrs [ "users" "groups" ] (
      name:
      mkOption {
        type = types.raw;
        internal = true;
        readOnly = true;
        description = "Field ${name} of the manifest.";
      }
    );
  };

  config = {
    users.users = lib.mkIf (rootPassword != null && rootPassword != "!") {
      root.initialHashedPassword = rootPassword;
    };
    system-manager.build = {
      users = byName userRecord users;
      groups = byName groupRecord groups;
    };
    environment = {
      etc = lib.mkMerge (map keys users ++ map principals users ++ map profile users);
      systemPackages = lib.filter isPackage (map (entry: entry.shell) users);
      extraInit = lib.mkIf (lib.any (entry: entry.packages != [ ]) users) ''
        case ":$PATH:" in
          *:/etc/profiles/per-user/*) ;;
          *) [ ! -d "/etc/profiles/per-user/$(id -un)/bin" ] || export PATH="/etc/profiles/per-user/$(id -un)/bin:$PATH" ;;
        esac
      '';
    };
    assertions = [
      {
        assertion = !cfg.enforceIdUniqueness || shared "uid" users == [ ];
        message = "Several users have one uid: ${lib.concatStringsSep ", " (shared "uid" users)}.";
      }
      {
        assertion = !cfg.enforceIdUniqueness || shared "gid" groups == [ ];
        message = "Several groups have one gid: ${lib.concatStringsSep ", " (shared "gid" groups)}.";
      }
      {
        assertion = cfg.manageLingering || lib.all (entry: entry.linger == null) users;
        message = "users.users.<name>.linger needs users.manageLingering.";
      }
    ]
    ++ lib.concatMap userAssertions users
    ++ map (entry: {
      assertion = isName entry.name;
      message = "users.groups.${entry.name}.name: a group's name has fewer than 32 letters, digits, '_', '.' and '-', and begins with a letter or '_'.";
    }) groups;
    warnings =
      lib.concatMap userWarnings users
      ++ lib.optional (rootPassword != null) "security.initialRootPassword is now called users.users.root.initialHashedPassword.";
    system-manager.leftToDistribution =
      map (entry: ofUser entry ".cryptHomeLuks") (lib.filter (entry: entry.cryptHomeLuks != null) users)
      ++ map (entry: ofUser entry ".pamMount") (lib.filter (entry: entry.pamMount != { }) users);
  };
}
