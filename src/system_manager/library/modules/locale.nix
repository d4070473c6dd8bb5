/** Time zone and language of the machine. */
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  inherit (config.time) timeZone;
  cfg = config.i18n;

  settings = lib.optionalAttrs (cfg.defaultLocale != null) { LANG = cfg.defaultLocale; } // cfg.extraLocaleSettings;

  line = name: value: "${name}=${value}\n";

  # Names are as near as their letters, the part behind the last slash counting on its own, too.
  checkOfTimeZone = ''
    zone=${timeZone}
    cd /usr/share/zoneinfo 2> /dev/null || {
      echo "time.timeZone: there are no time zones in /usr/share/zoneinfo: install tzdata first" >&2
      exit 1
    }
    test -f "$zone" && test "$(head -c 4 "$zone")" = TZif && exit 0
    if test -e tzdata.zi && cut -d " " -f 1,3 tzdata.zi | grep --quiet --fixed-strings --line-regexp "L $zone"; then
      echo "time.timeZone: $zone is an old name, which is not there: install tzdata-legacy first, or write $(grep "^L .* $zone\$" tzdata.zi | cut -d " " -f 2)" >&2
      exit 1
    fi
    near=$(find -L . -type f ! -name "*.*" ! -path "./posix/*" ! -path "./right/*" | cut -c 3- | awk -v wanted="$zone" '
      function distance(a, b,    i, j, cost, above, row) {
        for (j = 0; j <= length(b); j++) above[j] = j
        for (i = 1; i <= length(a); i++) {
          row[0] = i
          for (j = 1; j <= length(b); j++) {
            cost = above[j - 1] + (substr(a, i, 1) != substr(b, j, 1))
            if (above[j] + 1 < cost) cost = above[j] + 1
            if (row[j - 1] + 1 < cost) cost = row[j - 1] + 1
            row[j] = cost
          }
          for (j = 0; j <= length(b); j++) above[j] = row[j]
        }
        return above[length(b)]
      }
      function last(name) { sub(".*/", "", name); return name }
      BEGIN { wanted = tolower(wanted); most = length(last(wanted)) / 3 + 1 }
      {
        name = tolower($0)
        whole = distance(wanted, name)
        end = distance(last(wanted), last(name)) + 0.5
        best = whole < end ? whole : end
        if (best <= most) print best, $0
      }
    ' | sort -n | head -n 3 | cut -d " " -f 2- | paste -s -d " " | sed "s/ /, /g")
    echo "time.timeZone: there is no time zone $zone;''${near:+ did you mean $near?} 'timedatectl list-timezones' lists all" >&2
    exit 1
  '';
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
      system-manager.preActivationChecks.timeZone.script = checkOfTimeZone;
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
