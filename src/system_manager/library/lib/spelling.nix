/** Edit distance between names, for suggestions, and changes of letter case. */
{ lib }:

let
  inherit (builtins)
    elemAt
    foldl'
    genList
    isString
    length
    stringLength
    substring
    ;

  # One row of the distance table from the row above it.
  nextRow =
    a: b: above: row:
    let
      letter = substring (row - 1) 1 a;
      step =
        cells: column:
        let
          replaced = elemAt above (column - 1) + (if substring (column - 1) 1 b == letter then 0 else 1);
          inserted = elemAt cells (column - 1) + 1;
          removed = elemAt above column + 1;
        in
        cells ++ [ (lib.min replaced (lib.min inserted removed)) ];
    in
    foldl' step [ row ] (genList (index: index + 1) (stringLength b));

  levenshtein =
    a: b:
    lib.last (
      foldl' (nextRow a b) (genList (index: index) (stringLength b + 1)) (genList (index: index + 1) (stringLength a))
    );
in
{
  inherit levenshtein;

  # Whether the distance is at most the limit; cheap when the lengths differ by more.
  levenshteinAtMost =
    limit: a: b:
    let
      difference = stringLength a - stringLength b;
    in
    difference <= limit && 0 - difference <= limit && levenshtein a b <= limit;

  toSentenceCase =
    text:
    if !isString text then
      throw "toSentenceCase does only accepts string values, but got ${builtins.typeOf text}"
    else
      lib.toUpper (substring 0 1 text) + lib.toLower (substring 1 (-1) text);

  # "some-name", "some_name" and "some name" become "someName"; capitals inside words start new ones.
  toCamelCase =
    text:
    let
      separated = lib.splitStringBy (
        previous: current: builtins.elem current [ "-" "_" " " ]
      ) false text;
      humps = builtins.concatMap (
        word:
        lib.splitStringBy (
          previous: current: builtins.match "[a-z]" previous != null && builtins.match "[A-Z]" current != null
        ) true word
      ) separated;
      words = builtins.filter (word: word != "") humps;
      capitalised = map lib.toSentenceCase words;
    in
    if !isString text then
      throw "toCamelCase does only accepts string values, but got ${builtins.typeOf text}"
    else if words == [ ] then
      ""
    else
      lib.toLower (builtins.head words) + lib.concatStrings (builtins.tail capitalised);
}
