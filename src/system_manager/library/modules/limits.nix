/** Small files of the base system that NixOS writes, too: limits of logins, and how modules are loaded. */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  inherit (config) boot;
  limits = config.security.pam.loginLimits;

  word = types.strMatching "[^[:space:]#]+";

  limit.options = {
    domain = mkOption {
      type = word;
      example = "@wheel";
      description = "Whom it is for: a user, `@group`, `*`, or a range of numbers.";
    };
    type = mkOption {
      type = types.enum [
        "-"
        "hard"
        "soft"
      ];
      default = "-";
      description = "Which limit: `soft`, `hard`, or both (`-`).";
    };
    item = mkOption {
      type = word;
      example = "nofile";
      description = "What is limited; limits.conf(5) lists it.";
    };
    value = mkOption {
      type = types.either types.int word;
      description = "The limit: a number, or `unlimited`.";
    };
  };

  modprobe = lib.concatMapStrings (name: "blacklist ${name}\n") boot.blacklistedKernelModules + boot.extraModprobeConfig;
in
{
  options = {
    security.pam.loginLimits = mkOption {
      type = types.listOf (types.submodule limit);
      default = [ ];
      example = [
        {
          domain = "*";
          item = "nofile";
          value = 4096;
        }
      ];
      description = "Limits of logins, in /etc/security/limits.d/60-system-manager.conf.";
    };
    boot = {
      blacklistedKernelModules = mkOption {
        type = types.listOf word;
        default = [ ];
        description = "Modules that are not loaded by themselves, in /etc/modprobe.d/60-system-manager.conf.";
      };
      extraModprobeConfig = mkOption {
        type = types.lines;
        default = "";
        example = "options kvm_intel nested=1";
        description = "Lines of modprobe.d(5). What the initial RAM disk loads is left to the distribution.";
      };
      tmp.cleanOnBoot = mkOption {
        type = types.bool;
        default = false;
        description = "Whether /tmp is emptied at boot.";
      };
    };
  };

  config = {
    environment.etc = {
      "security/limits.d/60-system-manager.conf" = lib.mkIf (limits != [ ]) {
        text = lib.concatMapStrings (entry: "${entry.domain} ${entry.type} ${entry.item} ${toString entry.value}\n") limits;
      };
      "modprobe.d/60-system-manager.conf" = lib.mkIf (modprobe != "") { text = modprobe; };
    };
    systemd.tmpfiles.rules = lib.optional boot.tmp.cleanOnBoot "D! /tmp 1777 root root";
  };
}
