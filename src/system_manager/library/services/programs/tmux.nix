/** tmux for everybody: tmux(1), in /etc/tmux.conf. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.programs.tmux;
in
{
  options.programs.tmux = {
    enable = lib.mkEnableOption "tmux, with the settings in /etc/tmux.conf";
    baseIndex = mkOption {
      type = types.ints.unsigned;
      default = 0;
      description = "Number of the first window and of the first pane.";
    };
    clock24 = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the clock counts to 24.";
    };
    escapeTime = mkOption {
      type = types.ints.unsigned;
      default = 500;
      description = "Milliseconds to wait after an escape.";
    };
    historyLimit = mkOption {
      type = types.ints.positive;
      default = 2000;
      description = "Lines that a window remembers.";
    };
    keyMode = mkOption {
      type = types.enum [
        "emacs"
        "vi"
      ];
      default = "emacs";
      description = "Whose keys move the cursor.";
    };
    terminal = mkOption {
      type = types.singleLineStr;
      default = "screen";
      example = "tmux-256color";
      description = "The value of $TERM inside.";
    };
    extraConfig = mkOption {
      type = types.lines;
      default = "";
      example = "set -g mouse on";
      description = "More lines of tmux.conf.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.tmux ];
    environment.etc."tmux.conf".text = ''
      set -g default-terminal "${cfg.terminal}"
      set -g base-index ${toString cfg.baseIndex}
      setw -g pane-base-index ${toString cfg.baseIndex}
      set -g history-limit ${toString cfg.historyLimit}
      set -s escape-time ${toString cfg.escapeTime}
      set -g status-keys ${cfg.keyMode}
      set -g mode-keys ${cfg.keyMode}
      setw -g clock-mode-style ${if cfg.clock24 then "24" else "12"}
      ${cfg.extraConfig}'';
  };
}
