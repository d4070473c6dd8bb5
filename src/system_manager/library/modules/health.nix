/** When an activation counts as done: what its units have to do, and what else has to work. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.system-manager;

  seconds = types.numbers.between 0 86400;

  check =
    { name, ... }:
    {
      options = {
        enable = mkOption {
          type = types.bool;
          default = true;
          description = "Whether the check is made.";
        };
        name = mkOption {
          type = types.str;
          default = name;
          defaultText = "the attribute name";
          description = "What the check is called when it fails.";
        };
        script = mkOption {
          type = types.nullOr types.lines;
          default = null;
          example = "pg_isready --quiet";
          description = "Commands of the shell, run as root with a clean environment. A status other than 0 is a failure; the last lines that they print say why.";
        };
        url = mkOption {
          type = types.nullOr (types.strMatching "https?://[^[:space:]/?#]+[^[:space:]]*");
          default = null;
          example = "http://localhost/health";
          description = "What to ask instead of running a script. Redirections are not followed, and proxies are not used.";
        };
        expectedStatus = mkOption {
          type = types.ints.between 100 599;
          default = 200;
          description = "The status with which `url` has to answer.";
        };
        retries = mkOption {
          type = types.ints.between 0 10000;
          default = 5;
          description = "How many times a check that failed is tried again.";
        };
        interval = mkOption {
          type = seconds;
          default = 1;
          description = "Seconds between two tries.";
        };
        timeout = mkOption {
          type = seconds;
          default = 10;
          description = "Seconds that one try may take. What runs longer is killed.";
        };
      };
    };

  enabled = lib.filterAttrs (_: check: check.enable) cfg.healthChecks;
in
{
  options.system-manager = {
    healthChecks = mkOption {
      type = types.attrsOf (types.submodule check);
      default = { };
      example = lib.literalExpression ''{ web.url = "http://localhost/"; database.script = "pg_isready --quiet"; }'';
      description = "What has to work once the units are up. If anything does not, the activation has failed and everything is taken back.";
    };
    settleTime = mkOption {
      type = seconds;
      default = 3;
      description = "Seconds for which a service that was started or restarted has to stay up, if its type does not tell when it is up (simple, exec, idle). One that ends in good order has not failed. 0 takes its start for success.";
    };
    unitTimeout = mkOption {
      type = types.nullOr (types.addCheck seconds (value: value > 0));
      default = null;
      example = 120;
      description = "Seconds that units may take to stop, or to start, before the activation counts as failed; null for 600. Limits of the units' own, such as TimeoutStartSec, may come first.";
    };
    build.activation = mkOption {
      type = types.raw;
      internal = true;
      readOnly = true;
      description = "The fields of the manifest that follow from these options.";
    };
  };

  config = {
    assertions = lib.mapAttrsToList (name: check: {
      assertion = (check.script == null) != (check.url == null);
      message = "system-manager.healthChecks.${name} needs a script or a url, and not both.";
    }) enabled;

    system-manager.build.activation = {
      inherit (cfg) settleTime;
      healthChecks = lib.mapAttrsToList (
        _: check:
        {
          inherit (check)
            interval
            name
            retries
            timeout
            ;
        }
        // lib.optionalAttrs (check.url != null) { inherit (check) expectedStatus url; }
        // lib.optionalAttrs (check.script != null) {
          script = "${pkgs.writeShellScript "health-${lib.strings.sanitizeDerivationName check.name}" check.script}";
        }
      ) enabled;
    }
    // lib.optionalAttrs (cfg.unitTimeout != null) { inherit (cfg) unitTimeout; };
  };
}
