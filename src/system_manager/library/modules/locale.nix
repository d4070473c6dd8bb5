/** Time zone and language of the machine. */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  inherit (config.time) timeZone;
  cfg = config.i18n;

  settings = lib.optionalAttrs (cfg.defaultLocale != null) { LANG = cfg.defaultLocale; } // cfg.extraLocaleSettings;

  line = name: value: "${name}=${value}\n";
in
{
  options = {
    time.timeZone = mkOption {
      type = types.nullOr (types.strMatching "[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*");
      default = null;
      example = "Europe/Vienna";
      description = "Time zone of the machine, in /etc/localtime. null leaves it to the distribution.";
    };
    i18n = {
      defaultLocale = mkOption {
        type = types.nullOr (types.strMatching "[A-Za-z0-9_.@-]+");
        default = null;
        example = "de_AT.UTF-8";
        description = "Language of everybody who logs in, in /etc/locale.conf. The locale has to be there; the distribution makes it. null leaves it to the distribution.";
      };
      extraLocaleSettings = mkOption {
        type = types.attrsOf (types.strMatching "[A-Za-z0-9_.@:-]*");
        default = { };
        example.LC_TIME = "en_DK.UTF-8";
        description = "More variables of locale(7).";
      };
    };
  };

  config = lib.mkMerge [
    (lib.mkIf (timeZone != null) {
      environment.etc.localtime = {
        source = "/usr/share/zoneinfo/${timeZone}";
        replaceExisting = true;
      };
      system-manager.preActivationChecks.timeZone.script = ''
        test -e /usr/share/zoneinfo/${timeZone} || {
          echo "time.timeZone: there is no /usr/share/zoneinfo/${timeZone}; correct the name (timedatectl list-timezones), or install tzdata first" >&2
          exit 1
        }
      '';
    })
    (lib.mkIf (settings != { }) {
      environment.variables = lib.mapAttrs (_: lib.mkDefault) settings;
      environment.etc."locale.conf" = {
        text = lib.concatStrings (lib.mapAttrsToList line settings);
        replaceExisting = true;
      };
      # Programs that are told of a locale that is not there complain, or run in another one.
      system-manager.preActivationChecks.locales.script = lib.concatMapStrings (locale: ''
        problem=$(LC_ALL=${locale} locale 2>&1 > /dev/null) && test -z "$problem" || {
          echo "i18n: the locale ${locale} is not there; make it first: Debian has locale-gen(8), Fedora packages glibc-langpack-*" >&2
          exit 1
        }
      '') (lib.unique (lib.filter (locale: locale != "") (lib.attrValues (removeAttrs settings [ "LANGUAGE" ]))));
    })
  ];
}
