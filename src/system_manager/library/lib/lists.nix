/** Lists. */
{ lib }:

let
  inherit (builtins)
    all
    any
    compareVersions
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    head
    isInt
    isList
    length
    sort
    split
    tail
    ;

  imap0 = function: list: genList (index: function index (elemAt list index)) (length list);

  foldr =
    combine: end: list:
    let
      count = length list;
      go = index: if index == count then end else combine (elemAt list index) (go (index + 1));
    in
    go 0;

  # Elements from `start` on, at most `count` of them; whatever lies outside is left out.
  sublist =
    start: count: list:
    let
      available = length list - start;
      size = if available <= 0 then 0 else if count < available then count else available;
    in
    genList (index: elemAt list (start + index)) size;

  take = sublist 0;
  drop = count: list: sublist count (length list) list;

  # null when no element matches.
  findFirstIndex =
    test: default: list:
    let
      count = length list;
      go = index: if index == count then default else if test (elemAt list index) then index else go (index + 1);
    in
    go 0;

  hasPrefix = prefix: list: take (length prefix) list == prefix;

  # Depth first through a relation `before a b`; stops at a cycle.
  listDfs =
    stopOnCycles: before: list:
    let
      visit =
        current: visited: rest:
        let
          parted = builtins.partition (other: before other current) rest;
          loops = filter (other: before other current) visited;
        in
        if loops != [ ] && stopOnCycles then
          {
            cycle = current;
            inherit loops visited rest;
          }
        else if parted.right == [ ] then
          {
            minimal = current;
            inherit visited rest;
          }
        else
          visit (head parted.right) ([ current ] ++ visited) (tail parted.right ++ parted.wrong);
    in
    visit (head list) [ ] (tail list);

  lastOf = list: elemAt list (length list - 1);
in
{
  inherit (builtins)
    all
    any
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    head
    isList
    length
    map
    partition
    sort
    tail
    ;

  inherit
    drop
    findFirstIndex
    foldr
    hasPrefix
    imap0
    listDfs
    sublist
    take
    ;

  singleton = value: [ value ];
  forEach = list: function: map function list;
  fold = foldr;

  # As foldl', but the intermediate results stay unevaluated.
  foldl =
    combine: start: list:
    let
      go = index: if index == 0 then start else combine (go (index - 1)) (elemAt list (index - 1));
    in
    go (length list);

  imap1 = function: list: genList (index: function (index + 1) (elemAt list index)) (length list);

  # Keeps the elements for which `test index element` holds.
  ifilter0 =
    test: list:
    concatMap (index: if test index (elemAt list index) then [ (elemAt list index) ] else [ ]) (
      genList (index: index) (length list)
    );

  flatten = value: if isList value then concatMap lib.flatten value else [ value ];
  remove = unwanted: filter (value: value != unwanted);

  findSingle =
    test: none: several: list:
    let
      found = filter test list;
      count = length found;
    in
    if count == 0 then none else if count == 1 then head found else several;

  findFirst =
    test: default: list:
    let
      index = findFirstIndex test null list;
    in
    if index == null then default else elemAt list index;

  count = test: foldl' (sum: value: if test value then sum + 1 else sum) 0;

  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  toList = value: if isList value then value else [ value ];

  # Both ends belong to the range.
  range = first: final: if first > final then [ ] else genList (offset: first + offset) (final - first + 1);
  replicate = count: value: genList (_: value) count;

  groupBy' =
    combine: start: key: list:
    builtins.mapAttrs (_: foldl' combine start) (builtins.groupBy key list);
  groupBy = builtins.groupBy;

  zipListsWith =
    function: left: right:
    genList (index: function (elemAt left index) (elemAt right index)) (lib.min (length left) (length right));
  zipLists = lib.zipListsWith (fst: snd: { inherit fst snd; });

  reverseList =
    list:
    let
      count = length list;
    in
    genList (index: elemAt list (count - index - 1)) count;

  # { result } in an order that `before` allows, or { cycle, loops }.
  toposort =
    before: list:
    let
      step = listDfs true before list;
      rest = lib.toposort before (step.visited ++ step.rest);
    in
    if length list < 2 then
      { result = list; }
    else if step ? cycle then
      {
        cycle = lib.reverseList ([ step.cycle ] ++ step.visited);
        inherit (step) loops;
      }
    else if rest ? cycle then
      rest
    else
      { result = [ step.minimal ] ++ rest.result; };

  # The key of every element is computed once.
  sortOn =
    key: list:
    map (pair: elemAt pair 1) (
      sort (a: b: head a < head b) (
        map (value: [
          (key value)
          value
        ]) list
      )
    );

  # Lexicographic, by the comparison given for elements.
  compareLists =
    compareElements: a: b:
    if a == [ ] then
      (if b == [ ] then 0 else -1)
    else if b == [ ] then
      1
    else
      let
        first = compareElements (head a) (head b);
      in
      if first == 0 then lib.compareLists compareElements (tail a) (tail b) else first;

  # Digits inside the text are compared as numbers.
  naturalSort =
    list:
    let
      parts = text: map (part: if isList part then lib.toIntBase10 (head part) else part) (split "(0|[1-9][0-9]*)" text);
      keyed = map (value: [
        (parts value)
        value
      ]) list;
    in
    map (pair: elemAt pair 1) (sort (a: b: lib.compareLists lib.compare (head a) (head b) < 0) keyed);

  takeEnd = count: list: drop (lib.max 0 (length list - count)) list;
  dropEnd = count: list: take (lib.max 0 (length list - count)) list;

  commonPrefix =
    a: b:
    let
      shorter = lib.min (length a) (length b);
      differing = findFirstIndex (index: elemAt a index != elemAt b index) shorter (genList (index: index) shorter);
    in
    take differing a;

  removePrefix =
    prefix: list:
    if hasPrefix prefix list then
      drop (length prefix) list
    else
      throw "lists.removePrefix: the second list does not begin with the first";

  last =
    list: if list == [ ] then throw "lists.last: list must not be empty!" else lastOf list;
  init =
    list: if list == [ ] then throw "lists.init: list must not be empty!" else take (length list - 1) list;

  crossLists = function: foldl' (functions: list: concatMap (f: map f list) functions) [ function ];

  unique = foldl' (seen: value: if elem value seen then seen else seen ++ [ value ]) [ ];
  uniqueStrings = list: builtins.attrNames (builtins.groupBy (text: text) list);
  allUnique = list: length (lib.unique list) == length list;

  intersectLists = wanted: filter (value: elem value wanted);
  subtractLists = unwanted: filter (value: !elem value unwanted);
  mutuallyExclusive = a: b: length a == 0 || !any (value: elem value a) b;

  # { name = [a]; } -> [a]
  concatAttrValues = set: concatLists (builtins.attrValues set);

  replaceElemAt =
    list: index: value:
    if isInt index && index >= 0 && index < length list then
      genList (position: if position == index then value else elemAt list position) (length list)
    else
      throw "lists.replaceElemAt: index ${toString index} is outside a list of length ${toString (length list)}";
}
