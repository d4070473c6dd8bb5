/** Directories copied to the store, less what does not belong there. */
{ lib }:

let
  inherit (builtins) any elem match;

  versionControl = [
    ".git"
    ".svn"
    "CVS"
    ".hg"
    ".jj"
    ".pijul"
    "_darcs"
  ];
  leftovers = [
    ".*~"
    "\\.sw[a-z]"
    "\\..*\\.sw[a-z]"
    ".*\\.o"
    ".*\\.so"
  ];

  attributesOf =
    source:
    if source ? _isLibCleanSourceWith then
      { inherit (source) origSrc filter name; }
    else
      {
        origSrc = source;
        filter = _: _: true;
        name = "source";
      };

  cleanSourceWith =
    {
      src,
      filter ? _: _: true,
      name ? null,
    }:
    let
      inner = attributesOf src;
      both = path: type: filter path type && inner.filter path type;
      chosen = if name == null then inner.name else name;
    in
    {
      _isLibCleanSourceWith = true;
      inherit (inner) origSrc;
      filter = both;
      name = chosen;
      outPath = builtins.path {
        filter = both;
        name = chosen;
        path = inner.origSrc;
      };
    };

  cleanSourceFilter =
    path: type:
    let
      name = baseNameOf path;
    in
    !(
      (name == ".git" || type == "directory" && elem name versionControl)
      || any (pattern: match pattern name != null) leftovers
      || type == "symlink" && lib.hasPrefix "result" name
      || type == "unknown"
    );
in
{
  inherit (builtins) filterSource;
  inherit cleanSourceFilter cleanSourceWith;

  cleanSource =
    src:
    cleanSourceWith {
      filter = cleanSourceFilter;
      inherit src;
    };

  # Paths relative to the source that match one of the expressions as a whole.
  sourceByRegex =
    src: expressions:
    let
      root = toString (src.origSrc or src) + "/";
    in
    cleanSourceWith {
      inherit src;
      filter = path: _: any (expression: match expression (lib.removePrefix root (toString path)) != null) expressions;
    };
  sourceFilesBySuffices =
    src: suffixes:
    cleanSourceWith {
      inherit src;
      filter = path: type: type == "directory" || any (suffix: lib.hasSuffix suffix (baseNameOf path)) suffixes;
    };

  pathHasContext = builtins.hasContext;
  canCleanSource = source: source ? _isLibCleanSourceWith || !builtins.hasContext (toString source);

  revOrTag =
    revision: tag:
    if tag != null then
      tag
    else if revision != null then
      revision
    else
      "HEAD";
}
