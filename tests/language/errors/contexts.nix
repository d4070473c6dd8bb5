let
  check = value:
    if value > 2 then throw "too large: ${toString value}" else value;
in
builtins.addErrorContext "while reading the limits" (
  builtins.addErrorContext "while reading the first limit" (check 3)
)
