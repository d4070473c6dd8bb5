# The tables that our own library is tested with, each expression evaluated to the end or to its error.
let
  lib = import ../../../src/system_manager/library/lib;
  tables = ../../../tests/library/functions;
  run = name: builtins.mapAttrs (_: value: builtins.tryEval (builtins.deepSeq value true)) (
    import (tables + "/${name}.nix") { inherit lib; }
  );
in
map run [ "attrsets" "generators" "lists" "modules" "strings" "trivial" "types" ]
