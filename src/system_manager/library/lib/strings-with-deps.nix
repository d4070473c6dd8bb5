/** Named pieces of text that depend on one another: { name = { text, deps }; }. */
{ lib }:

let
  inherit (builtins) foldl' isString;

  # Depth first; a name that is being visited and one that is done are both not visited again.
  visit =
    entries: state: name:
    let
      entry = entries.${name};
      after = foldl' (visit entries) (state // { seen = state.seen // { ${name} = true; }; }) (entry.deps or [ ]);
    in
    if state.seen ? ${name} then
      state
    else
      after // { texts = after.texts ++ [ (if isString entry then entry else entry.text) ]; };
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
