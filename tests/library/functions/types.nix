{ lib }:
let
  t = lib.types;
  # Several definitions of one option -> its value.
  merged = type: values: (lib.evalModules { modules = [ { options.x = lib.mkOption { inherit type; }; } ] ++ map (v: { _file = "def"; config.x = v; }) values; }).config.x;
  checks = type: map type.check;
  plain = [ true 1 1.5 "s" "" null [ ] { } (x: x) ./. ];
in
{
  "bool" = checks t.bool plain;
  "int" = checks t.int plain;
  "float" = checks t.float plain;
  "number" = checks t.number plain;
  "str" = checks t.str plain;
  "path" = checks t.path (plain ++ [ "/a" "a" { outPath = "/x"; } ]);
  "package" = checks t.package (plain ++ [ { type = "derivation"; } ]);
  "attrs" = checks t.attrs plain;
  "listOf does not look inside" = checks (t.listOf t.int) (plain ++ [ [ "a" ] ]);
  "attrsOf does not look inside" = checks (t.attrsOf t.int) (plain ++ [ { a = "x"; } ]);
  "nullOr" = checks (t.nullOr t.int) plain;
  "anything, raw, unspecified" = map (type: lib.all lib.id (checks type plain)) [ t.anything t.raw t.unspecified ];
  "functionTo" = checks (t.functionTo t.int) plain;
  "ranges of integers" = [ (checks t.ints.u8 [ (-1) 0 255 256 ]) (checks t.ints.s8 [ (-129) (-128) 127 128 ]) (checks t.ints.u16 [ 65535 65536 ]) (checks t.port [ 0 80 65536 ]) (checks t.ints.positive [ 0 1 ]) (checks t.ints.unsigned [ (-1) 0 ]) (checks (t.ints.between 3 5) [ 2 3 5 6 ]) (checks t.ints.u32 [ 4294967295 4294967296 ]) ];
  "ranges of numbers" = [ (checks (t.numbers.between 0 1) [ 0.5 1 2 (-1) ]) (checks t.numbers.nonnegative [ (-0.5) 0 ]) (checks t.numbers.positive [ 0 0.1 ]) ];
  "texts" = [ (checks t.nonEmptyStr [ "" " \n" "a" ]) (checks t.singleLineStr [ "a" "a\n" "a\nb" ]) (checks (t.strMatching "[a-z]+") [ "abc" "aBc" "" ]) (checks (t.passwdEntry t.str) [ "a" "a:b" "a\n" ]) ];
  "paths" = [ (checks t.externalPath [ "/a" "/nix/store/nvl9ic0pj1fpyln3zaqrf4cclbqdfn1j-foo" "a" ]) (checks t.pathInStore [ "/nix/store/nvl9ic0pj1fpyln3zaqrf4cclbqdfn1j-foo" "/nix/store/nvl9ic0pj1fpyln3zaqrf4cclbqdfn1j-foo/b" "/a" ]) (checks (t.pathWith { absolute = false; }) [ "a" "/a" ]) ];
  "enum" = checks (t.enum [ "a" 1 true null ]) plain;
  "either and oneOf" = [ (checks (t.either t.int t.str) plain) (checks (t.oneOf [ t.int t.bool t.str ]) plain) ];
  "coercedTo" = checks (t.coercedTo t.int toString t.str) plain;
  "attrTag" = checks (t.attrTag { a = lib.mkOption { type = t.int; }; b = lib.mkOption { type = t.str; }; }) [ { a = 1; } { b = 1; } { c = 1; } { } { a = 1; b = ""; } 1 ];
  "submodule" = checks (t.submodule { }) (plain ++ [ ./x ]);
  "deferredModule" = checks t.deferredModule plain;
  "optionType" = checks t.optionType (plain ++ [ t.int ]);
  "uniq keeps the check" = checks (t.uniq t.int) plain;
  "addCheck" = checks (t.addCheck t.int (x: x > 3)) [ 1 5 "a" ];
  "json" = checks t.json plain;
  "shellPackage" = checks t.shellPackage [ { type = "derivation"; } { type = "derivation"; shellPath = "/bin/x"; } ];

  "descriptions" = map (type: type.description) [ t.bool t.int t.float t.number t.str t.nonEmptyStr t.singleLineStr (t.strMatching "a.*") t.lines t.commas t.envVar t.path t.pathInStore t.externalPath t.package t.attrs t.raw t.anything t.unspecified t.port t.ints.u8 t.ints.s32 t.ints.positive t.ints.unsigned (t.ints.between 1 5) t.numbers.nonnegative (t.numbers.between 1 5) (t.listOf t.int) (t.nonEmptyListOf t.int) (t.attrsOf t.int) (t.lazyAttrsOf t.int) (t.nullOr t.int) (t.listOf (t.nullOr t.int)) (t.nullOr (t.listOf t.int)) (t.either t.int t.str) (t.oneOf [ t.int t.str t.bool ]) (t.either t.ints.positive t.str) (t.enum [ ]) (t.enum [ "a" ]) (t.enum [ "a" 1 true ]) (t.listOf (t.enum [ "a" "b" ])) (t.coercedTo t.int toString t.str) (t.functionTo t.int) (t.submodule { }) (t.attrsOf (t.submodule { freeformType = t.attrsOf t.int; })) (t.submodule { freeformType = t.listOf t.int; }) t.deferredModule t.optionType (t.uniq t.int) (t.uniq (t.listOf t.int)) (t.passwdEntry t.str) t.json (t.attrTag { a = lib.mkOption { type = t.int; }; "b c" = lib.mkOption { type = t.int; }; }) (t.attrsWith { elemType = t.int; placeholder = "host"; }) t.boolByOr ];
  "names" = map (type: type.name) [ t.bool t.int t.ints.u8 t.ints.positive (t.ints.between 1 2) t.number t.str t.lines (t.strMatching "x") t.path t.package (t.listOf t.int) (t.attrsOf t.int) (t.lazyAttrsOf t.int) (t.nullOr t.int) (t.either t.int t.str) (t.enum [ 1 ]) (t.submodule { }) t.deferredModule (t.uniq t.int) (t.coercedTo t.int toString t.str) t.json t.anything ];

  "lines are joined" = merged t.lines [ "a" "b" ];
  "commas are joined" = merged t.commas [ "a" "b" ];
  "equal values merge" = merged t.int [ 1 1 ];
  "different integers conflict" = merged t.int [ 1 2 ];
  "different texts conflict" = merged t.str [ "a" "b" ];
  "lists are joined, last module first" = merged (t.listOf t.int) [ [ 1 2 ] [ 3 ] ];
  "a list with one wrong element" = merged (t.listOf t.int) [ [ 1 "x" ] ];
  "a list without what is switched off" = merged (t.listOf t.int) [ [ 1 (lib.mkIf false 2) (lib.mkIf true 3) ] ];
  "sets are joined" = merged (t.attrsOf t.int) [ { a = 1; } { b = 2; } ];
  "sets with a conflict inside" = merged (t.attrsOf t.int) [ { a = 1; } { a = 2; } ];
  "sets of lists" = merged (t.attrsOf (t.listOf t.int)) [ { a = [ 1 ]; } { a = [ 2 ]; } ];
  "a set without what is switched off" = merged (t.attrsOf t.int) [ { a = lib.mkIf false 1; b = 2; } ];
  "priorities inside a set" = merged (t.attrsOf t.int) [ { a = lib.mkDefault 1; b = lib.mkForce 1; } { a = 2; b = 2; } ];
  "an empty list is nothing to a nonEmptyListOf" = merged (t.nonEmptyListOf t.int) [ [ ] ];
  "null and a value conflict" = merged (t.nullOr t.int) [ null 1 ];
  "null twice" = merged (t.nullOr t.int) [ null null ];
  "boolByOr" = merged t.boolByOr [ false true ];
  "coercedTo converts each definition" = merged (t.coercedTo t.int toString t.lines) [ 1 "b" ];
  "either takes the first that fits all" = merged (t.either (t.listOf t.int) t.int) [ [ 1 ] [ 2 ] ];
  "singleLineStr loses the newline" = merged t.singleLineStr [ "a\n" ];
  "unique refuses two definitions" = merged (t.uniq t.int) [ 1 1 ];
  "raw refuses two definitions" = merged t.raw [ 1 1 ];
  "anything merges by kind" = merged t.anything [ { a.b = 1; c = [ 1 ]; } { a.d = 2; } ];
  "anything refuses different kinds" = merged t.anything [ { } 1 ];
  "anything joins functions" = (merged t.anything [ (x: { a = x; }) (x: { b = x; }) ]) 5;
  "functionTo merges results" = (merged (t.functionTo (t.listOf t.int)) [ (x: [ x ]) (x: [ (x + 1) ]) ]) 5;
  "attrTag merges the same tag" = merged (t.attrTag { a = lib.mkOption { type = t.listOf t.int; }; b = lib.mkOption { type = t.int; }; }) [ { a = [ 1 ]; } { a = [ 2 ]; } ];
  "attrTag refuses two tags" = merged (t.attrTag { a = lib.mkOption { type = t.int; }; b = lib.mkOption { type = t.int; }; }) [ { a = 1; } { b = 2; } ];
  "a submodule fills in defaults" = merged (t.submodule { options.a = lib.mkOption { default = 1; }; options.b = lib.mkOption { default = 2; }; }) [ { a = 5; } ];
  "a submodule knows its name" = merged (t.attrsOf (t.submodule ({ name, ... }: { options.n = lib.mkOption { default = name; }; }))) [ { foo = { }; bar.n = "x"; } ];
  "a free-form submodule" = merged (t.submodule { freeformType = t.attrsOf t.int; options.a = lib.mkOption { default = 1; }; }) [ { b = 2; } { c = 3; } ];
  "a free-form submodule checks its type" = merged (t.submodule { freeformType = t.attrsOf t.int; }) [ { b = "x"; } ];
  "a lazy set keeps what is not looked at" = (merged (t.lazyAttrsOf t.int) [ { a = throw "not looked at"; b = 1; } ]).b;
  "merging types" = map (pair: (lib.types.mergeTypes (lib.head pair) (lib.last pair)).description or "cannot") [ [ t.int t.int ] [ (t.listOf t.int) (t.listOf t.int) ] [ (t.enum [ "a" ]) (t.enum [ "b" ]) ] [ t.int t.str ] [ (t.attrsOf t.int) (t.attrsOf t.str) ] [ (t.nullOr t.int) (t.nullOr t.int) ] [ (t.either t.int t.str) (t.either t.int t.str) ] [ t.lines t.commas ] ];
}
