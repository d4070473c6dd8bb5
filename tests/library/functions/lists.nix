{ lib }:
let
  words = [ "delta" "alpha" "charlie" "bravo" ];
in
{
  "singleton" = lib.singleton 1;
  "forEach" = lib.forEach [ 1 2 ] (x: x * 2);
  "foldr joins from the right" = lib.foldr (a: b: "(${a}${b})") "z" [ "a" "b" "c" ];
  "foldr is lazy" = lib.foldr (a: b: a) 0 [ 1 (throw "not looked at") ];
  "foldl joins from the left" = lib.foldl (a: b: "(${a}${b})") "z" [ "a" "b" "c" ];
  "imap0 and imap1" = [ (lib.imap0 (i: v: "${v}${toString i}") [ "a" "b" ]) (lib.imap1 (i: v: "${v}${toString i}") [ "a" "b" ]) ];
  "ifilter0" = lib.ifilter0 (i: v: i == 0 || v > 2) [ 1 2 3 ];
  "flatten" = lib.flatten [ 1 [ 2 [ 3 ] 4 ] 5 [ ] ];
  "flatten of one value" = lib.flatten 1;
  "remove takes all" = lib.remove 3 [ 1 3 4 3 ];
  "findSingle" = [ (lib.findSingle (x: x == 3) "none" "multiple" [ 1 3 3 ]) (lib.findSingle (x: x == 3) "none" "multiple" [ 1 3 ]) (lib.findSingle (x: x == 3) "none" "multiple" [ 1 9 ]) ];
  "findFirst" = [ (lib.findFirst (x: x > 3) 7 [ 1 6 4 ]) (lib.findFirst (x: x > 9) 7 [ 1 6 4 ]) ];
  "findFirst stops" = lib.findFirst (x: x == 1) 0 [ 1 (throw "not looked at") ];
  "findFirstIndex" = lib.lists.findFirstIndex (x: x > 3) null [ 0 6 4 ];
  "any, all, count" = [ (lib.any lib.isString [ 1 "a" ]) (lib.all (x: x < 3) [ 1 2 ]) (lib.count (x: x == 3) [ 3 2 3 4 6 ]) ];
  "optional and optionals" = [ (lib.optional true "a") (lib.optional false "a") (lib.optionals true [ 2 3 ]) (lib.optionals false (throw "not looked at")) ];
  "toList" = [ (lib.toList [ 1 2 ]) (lib.toList "hi") (lib.toList null) ];
  "range" = [ (lib.range 2 4) (lib.range 3 2) (lib.range 1 1) ];
  "replicate" = lib.replicate 3 "a";
  "partition" = lib.partition (x: x > 2) [ 5 1 2 3 4 ];
  "groupBy" = lib.groupBy (x: if x > 2 then "big" else "small") [ 5 1 2 3 4 ];
  "groupBy' folds each group" = lib.groupBy' builtins.add 0 (x: if x > 2 then "big" else "small") [ 5 1 2 3 4 ];
  "zipLists ends with the shorter" = lib.zipLists [ 1 2 ] [ "a" "b" "c" ];
  "zipListsWith" = lib.zipListsWith (a: b: a + b) [ "h" "l" ] [ "e" "o" ];
  "reverseList" = lib.reverseList [ "b" "o" "j" ];
  "listDfs without cycle" = lib.listDfs true lib.hasPrefix [ "/home/user" "other" "/" "/home" ];
  "listDfs with cycle" = lib.listDfs true lib.hasPrefix [ "/home/user" "other" "/" "/home" "/" ];
  "toposort" = lib.toposort lib.hasPrefix [ "/home/user" "other" "/" "/home" ];
  "toposort tells of a cycle" = lib.toposort lib.hasPrefix [ "/home/user" "other" "/" "/home" "/" ];
  "toposort of nothing" = lib.toposort (a: b: a < b) [ ];
  "sort is stable" = lib.sort (a: b: a.k < b.k) [ { k = 2; v = 1; } { k = 1; v = 2; } { k = 2; v = 3; } { k = 1; v = 4; } ];
  "sortOn" = lib.sortOn builtins.stringLength [ "aa" "b" "cccc" "dd" ];
  "naturalSort" = [ (lib.naturalSort [ "disk11" "disk8" "disk100" "disk9" ]) (lib.naturalSort [ "10.46.133.149" "10.5.16.62" "10.54.16.25" ]) (lib.naturalSort [ "v0.2" "v0.15" "v0.0.9" ]) ];
  "compareLists" = [ (lib.compareLists lib.compare [ ] [ ]) (lib.compareLists lib.compare [ ] [ "a" ]) (lib.compareLists lib.compare [ "a" ] [ ]) (lib.compareLists lib.compare [ "a" "b" ] [ "a" "c" ]) ];
  "take and drop" = [ (lib.take 2 words) (lib.take 9 words) (lib.take 0 words) (lib.drop 1 words) (lib.drop 9 words) ];
  "takeEnd and dropEnd" = [ (lib.takeEnd 2 words) (lib.takeEnd 9 words) (lib.dropEnd 1 words) (lib.dropEnd 9 words) ];
  "sublist" = [ (lib.sublist 1 2 words) (lib.sublist 1 0 words) (lib.sublist 3 9 words) (lib.sublist 9 1 words) ];
  "commonPrefix" = [ (lib.lists.commonPrefix [ 1 2 3 ] [ 1 2 4 ]) (lib.lists.commonPrefix [ 1 ] [ 1 2 ]) (lib.lists.commonPrefix [ 1 ] [ 2 ]) ];
  "hasPrefix of lists" = [ (lib.lists.hasPrefix [ 1 2 ] [ 1 2 3 ]) (lib.lists.hasPrefix [ 0 ] [ 1 ]) (lib.lists.hasPrefix [ ] [ ]) ];
  "removePrefix of lists" = lib.lists.removePrefix [ 1 2 ] [ 1 2 3 4 ];
  "removePrefix of another list" = lib.lists.removePrefix [ 0 ] [ 1 2 ];
  "last and init" = [ (lib.last [ 1 2 3 ]) (lib.init [ 1 2 3 ]) ];
  "last of an empty list" = lib.last [ ];
  "init of an empty list" = lib.init [ ];
  "unique keeps the first" = lib.unique [ 3 2 3 4 ];
  "uniqueStrings sorts" = lib.uniqueStrings [ "b" "a" "b" ];
  "allUnique" = [ (lib.allUnique [ 3 2 4 ]) (lib.allUnique [ 3 2 3 ]) ];
  "intersectLists" = lib.intersectLists [ 1 2 3 ] [ 6 3 2 ];
  "subtractLists" = lib.subtractLists [ 3 2 ] [ 1 2 3 4 5 3 ];
  "mutuallyExclusive" = [ (lib.mutuallyExclusive [ 1 ] [ 2 ]) (lib.mutuallyExclusive [ 1 2 ] [ 2 ]) (lib.mutuallyExclusive [ ] [ ]) ];
  "concatAttrValues" = lib.concatAttrValues { b = [ 3 4 ]; a = [ 1 2 ]; };
  "replaceElemAt" = lib.replaceElemAt [ "a" "b" "c" ] 1 "z";
  "replaceElemAt outside" = lib.replaceElemAt [ "a" ] 1 "z";
}
