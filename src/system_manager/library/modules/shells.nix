/** What login shells begin with, beyond variables: aliases, and commands for those who type. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.environment;
  bash = config.programs.bash;

  quote = text: "'${lib.replaceStrings [ "'" ] [ "'\\''" ] text}'";

  aliases =
    option: set:
    lib.concatStrings (
      lib.mapAttrsToList (
        name: command:
        if lib.match "[A-Za-z0-9_.,@+!%][A-Za-z0-9_.,@+!%-]*" name == null then
          throw "${option}.\"${name}\": this is not the name of an alias"
        else
          "alias ${name}=${quote command}\n"
      ) (lib.filterAttrs (_: command: command != null) set)
    );

  # Texts one below the other, whether or not they end with a line end.
  block = texts: lib.concatMapStrings (text: "${lib.removeSuffix "\n" text}\n") (lib.filter (text: text != "") texts);

  # Empty when nobody wants anything.
  forThoseWhoType =
    texts:
    lib.optionalString (block texts != "") ''
      case $- in
      *i*)
      ${block texts};;
      esac
    '';

  aliasOption =
    shells:
    mkOption {
      type = types.attrsOf (types.nullOr types.str);
      default = { };
      example.ll = "ls -l";
      description = "Aliases in ${shells} in which somebody logs in. null leaves one out.";
    };
  linesOption =
    description:
    mkOption {
      type = types.lines;
      default = "";
      inherit description;
    };

  inPath =
    directory:
    mkOption {
      type = types.bool;
      default = false;
      description = "Whether ~/${directory} is in everybody's PATH.";
    };
  addToPath = directory: ''PATH="$HOME/${directory}:$PATH"'' + "\n";

  everyText = block [
    (lib.optionalString cfg.homeBinInPath (addToPath "bin"))
    (lib.optionalString cfg.localBinInPath (addToPath ".local/bin"))
    cfg.loginShellInit
    (forThoseWhoType [
      (aliases "environment.shellAliases" cfg.shellAliases)
      cfg.interactiveShellInit
    ])
  ];

  bashText = block [
    bash.shellInit
    bash.loginShellInit
    (forThoseWhoType [
      (aliases "programs.bash.shellAliases" bash.shellAliases)
      bash.interactiveShellInit
      bash.promptInit
    ])
  ];
in
{
  options = {
    environment = {
      shellAliases = aliasOption "all shells";
      loginShellInit = linesOption "Shell commands for every login shell, run by sh and bash, after those of extraInit.";
      interactiveShellInit = linesOption "Shell commands for login shells in which somebody types, run by sh and bash.";
      homeBinInPath = inPath "bin";
      localBinInPath = inPath ".local/bin";
    };
    programs.bash = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = "Has no effect: the distribution has bash.";
      };
      completion.enable = mkOption {
        type = types.bool;
        default = false;
        description = "Whether the package bash-completion is installed.";
      };
      shellAliases = aliasOption "the bash";
      shellInit = linesOption "Commands for every bash in which somebody logs in, before all others.";
      loginShellInit = linesOption "Commands for every bash in which somebody logs in.";
      interactiveShellInit = linesOption "Commands for every bash in which somebody logs in and types.";
      promptInit = linesOption "Commands that set the prompt of bash.";
    };
  };

  imports = [
    (lib.mkRenamedOptionModule
      [ "programs" "bash" "enableCompletion" ]
      [ "programs" "bash" "completion" "enable" ]
    )
  ];

  config = {
    environment = {
      extraInit = lib.mkIf (everyText != "") (lib.mkAfter everyText);
      systemPackages = lib.optional bash.completion.enable pkgs.bash-completion;

      # Other shells read the first file, too, and may not get through what is written for bash.
      etc = lib.mkIf (bashText != "") {
        "profile.d/system-manager-bash.sh".text = ''
          # Made by System Manager from the configuration; changes here are lost.
          test -z "''${BASH_VERSION:-}" || . /etc/system-manager-bash
        '';
        system-manager-bash.text = bashText;
      };
    };
  };
}
