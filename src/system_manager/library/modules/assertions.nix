/** What modules say of themselves: conditions that have to hold, remarks, maintainers. */
{ lib, ... }:

{
  options = {
    meta = lib.mkOption {
      type = lib.types.lazyAttrsOf lib.types.raw;
      internal = true;
      default = { };
      description = "Who maintains a module and where its manual is. Nothing follows from it.";
    };
    assertions = lib.mkOption {
      type = lib.types.listOf lib.types.unspecified;
      internal = true;
      default = [ ];
      example = [
        {
          assertion = false;
          message = "you can't enable this for that reason";
        }
      ];
      description = "Conditions, each { assertion, message }. If one is false, its message is shown and nothing is built.";
    };
    warnings = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      internal = true;
      default = [ ];
      description = "Remarks for the user that do not stop anything.";
    };
  };
}
