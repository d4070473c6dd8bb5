/** One address of a `listen` line. */
{ lib }:

let
  inherit (lib) mkOption types;
in
{
  options = {
    addr = mkOption {
      type = types.str;
      description = "Address, or `unix:` and a path.";
    };
    port = mkOption {
      type = types.nullOr types.port;
      default = null;
      description = "Port; null for a path.";
    };
    ssl = mkOption {
      type = types.bool;
      default = false;
      description = "Whether TLS is spoken.";
    };
    proxyProtocol = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the PROXY protocol is expected.";
    };
    extraParameters = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "backlog=1024" ];
      description = "Further parameters of the line.";
    };
  };
}
