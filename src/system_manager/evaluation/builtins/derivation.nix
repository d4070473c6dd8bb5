# `derivation`, which turns a set of attributes into a derivation.
#
# It yields the attributes as they are, and adds what can be known of a derivation:
#
#   drvPath      the store path of the `.drv` file
#   outPath      the store path of the output
#   outputName   the name of the output
#   type         "derivation"
#   drvAttrs     the attributes that were given
#   all          all outputs, in the order of `outputs`
#
# and one attribute for each output, e.g. `out`, with the same in it for that output. The derivation stands for its
# first output.
#
# Nothing is evaluated before it is needed: `derivationStrict`, which evaluates all of the attributes and writes the
# `.drv` file, is not called before a store path is asked for. Only `outputs` is evaluated at once, since the names of
# the attributes depend on it. So derivations can be compared, selected from and passed on without being made, and a
# set of thousands of packages is no more than names until one of them is wanted.
#
# Programs can tell where an attribute was defined: `builtins.unsafeGetAttrPos` says it, and so does the XML of a
# value. What they find there for derivations is the same as in C++ Nix: a file `/derivation-internal.nix`, that
# exists nowhere else, and
#
#   line 43      `all`
#   line 44      `drvAttrs`
#   line 49      each output
#   line 50      `outPath`
#   line 51      `drvPath`
#   line 52      `type`
#   line 53      `outputName`
#
# The XML of a derivation, as `nix-instantiate --eval --xml` writes it, has these numbers in it.
#
# Whatever is changed here has to leave the lines, and their columns, where they are.
attributes@{ outputs ? [ "out" ], ... }:

let
  strict = derivationStrict attributes;
  drvAttrs = attributes;

  common =
    attributes // builtins.listToAttrs each // {
      all = map (output: output.value) each;
      inherit drvAttrs;
    };

  each = map (outputName: {
    name = outputName;
    value = common // {
      outPath = builtins.getAttr outputName strict;
      drvPath = strict.drvPath;
      type = "derivation";
      inherit outputName;
    };
  }) outputs;
in
(builtins.head each).value
