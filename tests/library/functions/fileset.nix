{ lib }:
let
  inherit (lib.fileset)
    difference
    fileFilter
    fromSource
    intersection
    isFileset
    maybeMissing
    toList
    toSource
    traceVal
    union
    unions
    ;
  root = ./tree;
  files = set: map (file: lib.removePrefix "${toString root}/" (toString file)) (toList set);
  copied = fileset: builtins.unsafeDiscardStringContext (toSource { inherit root fileset; }).outPath;
  nixFiles = fileFilter (file: file.hasExt "nix") root;
in
{
  "toList" = files root;
  "toList of a file" = files ./tree/five;
  "union" = files (union ./tree/a ./tree/b/four.c);
  "unions" = [ (files (unions [ ./tree/five ./tree/a/deep ./tree/link ])) (files (unions [ ])) ];
  "union of one in another" = [ (files (union root ./tree/a)) (files (union ./tree/a/deep root)) ];
  "intersection" = [ (files (intersection ./tree/a nixFiles)) (files (intersection ./tree/a ./tree/b)) (files (intersection root ./tree/five)) ];
  "difference" = [ (files (difference root ./tree/a)) (files (difference ./tree/a nixFiles)) (files (difference ./tree/five root)) (files (difference ./tree/a ./tree/b)) ];
  "difference within difference" = files (difference (unions [ ./tree/a ./tree/b ]) (difference ./tree/a ./tree/a/deep));
  "fileFilter by type and name" = [ (files (fileFilter (file: file.type == "symlink") root)) (files (fileFilter (file: file.name == ".hidden") root)) ];
  "maybeMissing" = [ (files (maybeMissing ./tree/six)) (files (maybeMissing ./tree/five)) ];
  "fromSource" = files (fromSource (lib.sources.sourceFilesBySuffices root [ ".nix" ]));
  "isFileset" = [ (isFileset root) (isFileset (unions [ ])) (isFileset ./tree/six) (isFileset "five") (isFileset { }) ];
  "traceVal" = files (traceVal ./tree/five);
  "toSource" = map copied [ root ./tree/a nixFiles (unions [ ]) (difference root ./tree/a/deep) ];
  "toSource of what is below" = builtins.unsafeDiscardStringContext (toSource { root = ./tree/a; fileset = ./tree/a/deep; }).outPath;
  "toSource of what lies elsewhere" = (toSource { root = ./tree/a; fileset = root; }).outPath;
  "toSource with a file as root" = (toSource { root = ./tree/five; fileset = root; }).outPath;
  "toSource with a text as root" = (toSource { root = "/"; fileset = root; }).outPath;
  "a path that does not exist" = toList ./tree/six;
  "a text in the place of a path" = toList "/etc";
  "a source in the place of a path" = toList (lib.cleanSource root);
  "unions of no list" = toList (unions root);
  "fileFilter of no path" = toList (fileFilter (_: true) (unions [ ]));
}
