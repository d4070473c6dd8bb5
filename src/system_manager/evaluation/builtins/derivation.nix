# `derivation`: the attributes as they are, and for every output the strings of `derivationStrict`, which is not
# called before one of them is needed.
attributes@{ outputs ? [ "out" ], ... }:

let
  strict = derivationStrict attributes;

  common = attributes // builtins.listToAttrs all // {
    all = map (output: output.value) all;
    drvAttrs = attributes;
  };

  all = map (outputName: {
    name = outputName;
    value = common // {
      inherit outputName;
      inherit (strict) drvPath;
      outPath = builtins.getAttr outputName strict;
      type = "derivation";
    };
  }) outputs;
in
(builtins.head all).value
