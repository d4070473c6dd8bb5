{ lib }:
let
  nested = { a.b = 3; a.c = 4; d = 5; };
in
{
  "attrByPath" = [ (lib.attrByPath [ "a" "b" ] 6 nested) (lib.attrByPath [ "z" "z" ] 6 nested) (lib.attrByPath [ ] 6 nested) (lib.attrByPath [ "d" "x" ] 6 nested) ];
  "attrByPath does not force the default" = lib.attrByPath [ "a" "b" ] (throw "not looked at") nested;
  "hasAttrByPath" = [ (lib.hasAttrByPath [ "a" "b" ] nested) (lib.hasAttrByPath [ "a" "z" ] nested) (lib.hasAttrByPath [ "d" "x" ] nested) (lib.hasAttrByPath [ ] nested) ];
  "longestValidPathPrefix" = [ (lib.attrsets.longestValidPathPrefix [ "a" "b" "c" ] nested) (lib.attrsets.longestValidPathPrefix [ "z" ] nested) ];
  "setAttrByPath" = lib.setAttrByPath [ "a" "b" ] 3;
  "setAttrByPath of an empty path" = lib.setAttrByPath [ ] 3;
  "getAttrFromPath" = lib.getAttrFromPath [ "a" "b" ] nested;
  "attrVals and getAttrs" = [ (lib.attrVals [ "d" ] nested) (lib.getAttrs [ "d" ] nested) ];
  "catAttrs" = lib.catAttrs "a" [ { a = 1; } { b = 0; } { a = 2; } ];
  "filterAttrs" = lib.filterAttrs (n: v: n == "d") nested;
  "filterAttrsRecursive" = lib.filterAttrsRecursive (n: v: v != null) { a = null; b = { c = null; d = 1; }; };
  "foldlAttrs" = lib.foldlAttrs (acc: name: value: { sum = acc.sum + value; names = acc.names ++ [ name ]; }) { sum = 0; names = [ ]; } { foo = 1; bar = 10; };
  "foldAttrs" = lib.foldAttrs (item: acc: [ item ] ++ acc) [ ] [ { a = 2; } { a = 3; b = 1; } ];
  "collect" = [ (lib.collect builtins.isList { a = { b = [ "b" ]; }; c = [ 1 ]; }) (lib.collect (x: x ? outPath) { a.outPath = "a/"; b.outPath = "b/"; }) ];
  "cartesianProduct" = lib.cartesianProduct { a = [ 1 2 ]; b = [ 10 20 ]; };
  "cartesianProduct with an empty side" = lib.cartesianProduct { a = [ 1 2 ]; b = [ ]; };
  "mapCartesianProduct" = lib.mapCartesianProduct ({ a, b }: "${a}-${b}") { a = [ "1" "2" ]; b = [ "3" ]; };
  "nameValuePair" = lib.nameValuePair "some" 6;
  "mapAttrs'" = lib.mapAttrs' (n: v: lib.nameValuePair ("foo_" + n) ("bar-" + v)) { x = "a"; y = "b"; };
  "mapAttrsToList" = lib.mapAttrsToList (n: v: n + v) { y = "b"; x = "a"; };
  "attrsToList" = lib.attrsToList { foo = 1; bar = "asdf"; };
  "concatMapAttrs" = lib.concatMapAttrs (n: v: { ${n} = v; ${n + v} = v; }) { x = "a"; y = "b"; };
  "mapAttrsRecursive" = lib.mapAttrsRecursive (path: value: lib.concatStringsSep "-" (path ++ [ value ])) { n = { a = "A"; m = { b = "B"; }; }; d = "D"; };
  "mapAttrsRecursiveCond" = lib.mapAttrsRecursiveCond (as: !(as ? "type" && as.type == "derivation")) (path: x: if lib.isAttrs x then "drv" else x) { a = { type = "derivation"; name = "x"; }; b.c = 1; };
  "mapAttrsToListRecursive" = lib.mapAttrsToListRecursive (path: value: "${lib.concatStringsSep "." path}=${value}") { n = { a = "A"; m.b = "B"; }; d = "D"; };
  "genAttrs" = lib.genAttrs [ "foo" "bar" ] (name: "x_" + name);
  "genAttrs'" = lib.genAttrs' [ "a" "b" ] (s: lib.nameValuePair ("x_" + s) ("y_" + s));
  "isDerivation" = map lib.isDerivation [ { type = "derivation"; } { } 1 { type = 3; } ];
  "optionalAttrs" = [ (lib.optionalAttrs true { my = 1; }) (lib.optionalAttrs false { my = 1; }) ];
  "zipAttrsWithNames" = lib.zipAttrsWithNames [ "a" ] (name: vs: vs) [ { a = "x"; } { a = "y"; b = "z"; } ];
  "zipAttrsWith" = lib.zipAttrsWith (name: values: values) [ { a = "x"; } { a = "y"; b = "z"; } ];
  "zipAttrs" = lib.zipAttrs [ { a = "x"; } { a = "y"; b = "z"; } ];
  "recursiveUpdate" = lib.recursiveUpdate { boot.loader.grub = { enable = true; device = "/dev/hda"; }; x = 1; } { boot.loader.grub.device = ""; x.y = 2; };
  "recursiveUpdateUntil" = lib.recursiveUpdateUntil (path: l: r: path == [ "foo" ]) { foo.bar = 1; foo.baz = 2; bar = 3; } { foo.bar = 1; foo.quz = 2; baz = 4; };
  "matchAttrs" = [ (lib.matchAttrs { cpu = { }; } { cpu = { bits = 64; }; }) (lib.matchAttrs { cpu.bits = 32; } { cpu.bits = 64; }) (lib.matchAttrs { a = 1; } { }) ];
  "mergeAttrsList" = lib.mergeAttrsList [ { a = 0; b = 1; } { c = 2; a = 3; } { a = 4; } ];
  "mergeAttrsList of none" = lib.mergeAttrsList [ ];
  "overrideExisting" = lib.overrideExisting { a = 1; b = 2; } { b = 3; c = 4; };
  "showAttrPath" = [ (lib.showAttrPath [ "foo" "10" "bar" ]) (lib.showAttrPath [ ]) ];
  "getOutput" = [ (lib.getBin { out = "o"; bin = "b"; }) (lib.getLib { out = "o"; }) (lib.getDev { out = "o"; dev = "d"; outputSpecified = true; x = 1; }) (lib.getMan { out = "o"; }) ];
  "getFirstOutput" = lib.getFirstOutput [ "include" "dev" ] { dev = "d"; out = "o"; };
  "updateManyAttrsByPath" = lib.updateManyAttrsByPath [ { path = [ "a" "b" ]; update = old: { d = old.c; }; } { path = [ "a" "b" "c" ]; update = old: old + 1; } { path = [ "x" ]; update = old: "xy"; } ] { a.b.c = 0; x = 1; };
  "updateManyAttrsByPath of something that is not there" = lib.updateManyAttrsByPath [ { path = [ "z" ]; update = old: old; } ] { };
  "unionOfDisjoint" = lib.attrsets.unionOfDisjoint { a = 1; } { b = 2; };
  "unionOfDisjoint with a collision" = lib.attrsets.unionOfDisjoint { a = 1; } { a = 2; };
  "recurseIntoAttrs" = [ (lib.recurseIntoAttrs { a = 1; }) (lib.dontRecurseIntoAttrs { a = 1; }) ];
}
