/** Named pieces of text that depend on one another: { name = { text, deps }; }. */
{ lib }:

let
  inherit (builtins) foldl' isString;

  # Depth first; a name that is being visited and one that is done are both not visited again.
  visit =
    entries: state: name:
    let
      entry = entries.${name};
      marked = state // { seen = state.seen // { ${name} = true; }; };
      after = foldl' (visit entries) marked entry.deps;
    in
    if state.seen ? ${name} then
      state
    # A text instead of an entry is another entry's name.
    else if isString entry then
      visit entries marked entry
    else
      after // { texts = after.texts ++ [ entry.text ]; };
in
{
  # entries -> [names] -> [texts], everything after what it depends on
  textClosureList =
    entries: names:
    (foldl' (visit entries) {
      seen = { };
      texts = [ ];
    } names).texts;
  textClosureMap =
    function: entries: names:
    builtins.concatStringsSep "\n" (map function (lib.textClosureList entries names));

  noDepEntry = text: {
    inherit text;
    deps = [ ];
  };
  fullDepEntry = text: deps: { inherit text deps; };
  packEntry = deps: {
    text = "";
    inherit deps;
  };
  stringAfter = deps: text: { inherit text deps; };
}
