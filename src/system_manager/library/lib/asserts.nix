/** Conditions with a message, for use after `assert`. */
{ lib }:

let
  pretty = lib.generators.toPretty { };
in
{
  # Bool -> String -> true
  assertMsg = condition: message: condition || throw message;

  assertOneOf =
    name: value: allowed:
    lib.assertMsg (builtins.elem value allowed) "${name} must be one of ${pretty allowed}, but is: ${pretty value}";
  assertEachOneOf =
    name: values: allowed:
    lib.assertMsg (builtins.all (value: builtins.elem value allowed) values)
      "each element in ${name} must be one of ${pretty allowed}, but is: ${pretty values}";

  # [ { assertion, message } ] -> [ warnings ] -> value -> value
  checkAssertWarn =
    assertions: warnings: value:
    let
      failed = builtins.filter (entry: !entry.assertion) assertions;
    in
    if failed == [ ] then
      lib.showWarnings warnings value
    else
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (entry: "- ${entry.message}") failed}";
}
