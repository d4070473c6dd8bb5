{ lib }:
let
  g = lib.generators;
  value = { list = [ 1 "x" { } [ ] ]; text = "a\"b\\\${c}"; lines = "one\ntwo\n"; more = "one\ntwo"; f = x: x; g = { a, b ? 1 }: a; n = null; b = true; fl = 1.5; drv = { type = "derivation"; name = "hello-1"; }; empty = { }; "odd name" = -3; quotes = "''\n'' \${x}"; };
in
{
  "toPretty on several lines" = g.toPretty { } value;
  "toPretty on one line" = g.toPretty { multiline = false; } value;
  "toPretty indented" = g.toPretty { indent = "    "; } { a.b = [ 1 ]; };
  "toPretty of pretty values" = g.toPretty { allowPrettyValues = true; } { x = { __pretty = v: "<<${v}>>"; val = "y"; }; };
  "toPretty with a limit" = g.toPretty { } (g.withRecursion { depthLimit = 2; throwOnDepthLimit = false; } { a.b.c.d = 1; });
  "withRecursion that refuses" = g.withRecursion { depthLimit = 1; } { a.b.c.d = 1; };
  "toINI" = g.toINI { } { foo = { hi = "hello"; ciao = 1; }; baz = { "also, integers" = 42; b = true; n = null; }; "sec[x]" = { "a=b" = "c"; }; };
  "toINI of nothing" = g.toINI { } { };
  "toINI with lists" = g.toINI { listsAsDuplicateKeys = true; } { foo = { a = [ 1 2 ]; b = "x"; }; };
  "toINI with other keys" = g.toINI { mkSectionName = lib.toUpper; mkKeyValue = g.mkKeyValueDefault { mkValueString = v: if v == true then "yes" else toString v; } ":"; } { foo = { a = true; "b:c" = 2; }; };
  "toINIWithGlobalSection" = g.toINIWithGlobalSection { } { globalSection = { someGlobalKey = "hi"; }; sections = { foo = { hi = 1; }; }; };
  "toINIWithGlobalSection without one" = g.toINIWithGlobalSection { } { globalSection = { }; sections.a.b = 1; };
  "toGitINI" = g.toGitINI { user = { email = "a@b"; name = "quote \" and \\ tab\t"; }; gpg.ssh.program = "path"; includeIf."gitdir:~/x".path = "y"; core = { autocrlf = false; list = [ "a" "b" ]; int = 7; }; "odd\"x" = { a = 1; }; };
  "toKeyValue" = [ (g.toKeyValue { } { a = 1; b = "x=y"; c = null; d = 1.5; }) (g.toKeyValue { listsAsDuplicateKeys = true; indent = "  "; } { a = [ 1 2 ]; }) ];
  "toJSON and toYAML" = [ (g.toJSON { } { a = [ 1 null ]; }) (g.toYAML { } { a = [ 1 null ]; }) ];
  "toLua" = [ (g.toLua { } { a = [ 1 "x" ]; b.c = null; "d-e" = true; "end" = 1; raw = lib.mkLuaInline "f()"; }) (g.toLua { multiline = false; } { a = [ { } [ ] ]; }) ];
  "toLua as bindings" = g.toLua { asBindings = true; } { x = 1; y = { z = "a"; }; };
  "command line" = [ (lib.cli.toCommandLineGNU { } { data = "x y"; X = "PUT"; retry = 3; retry-delay = null; url = [ "a" "b" ]; silent = false; verbose = true; }) (lib.cli.toCommandLineShellGNU { } { data = "x y"; v = true; }) (lib.cli.toCommandLineGNU { explicitBool = true; } { a = true; bb = false; }) ];
  "assertOneOf" = lib.assertOneOf "x" "a" [ "a" "b" ];
  "assertOneOf refuses" = lib.assertOneOf "x" "c" [ "a" "b" ];
  "assertMsg" = lib.assertMsg false "no";
  "showOption" = [ (lib.showOption [ "foo" "bar" "baz" ]) (lib.showOption [ "foo" "bar.baz" "tux" ]) (lib.showOption [ "windowManager" "2bwm" "enable" ]) (lib.showOption [ "a" "<name>" "*" "b" ]) (lib.showOption [ ]) ];
  "showFiles" = lib.showFiles [ "a" "b" ];
  "options documentation" = map (o: removeAttrs o [ "declarations" ]) (lib.filter (o: !(lib.elem "_module" o.loc)) (lib.optionAttrSetToDocList (lib.evalModules { modules = [ { _file = "f"; options = { a = lib.mkOption { type = lib.types.int; default = 3; description = "d"; }; h = lib.mkOption { internal = true; visible = false; }; s = lib.mkOption { default = { }; type = lib.types.attrsOf (lib.types.submodule { options.x = lib.mkOption { type = lib.types.nullOr lib.types.str; example = "e"; }; }); }; e = lib.mkEnableOption "it"; t = lib.mkOption { defaultText = lib.literalExpression "pkgs.x"; type = lib.types.package; }; }; } ]; }).options));
  "path" = [ (lib.path.subpath.isValid "a/b") (lib.path.subpath.isValid "../a") (lib.path.subpath.normalise "./a//b/./c/") (lib.path.subpath.join [ "a" "./b/c" ]) (lib.path.subpath.components "./a/b") (lib.path.hasPrefix /foo /foo/bar) (lib.path.hasPrefix /foo/b /foo/bar) (lib.path.removePrefix /foo /foo/bar/x) (toString (lib.path.append /foo "bar/x")) (lib.path.hasStorePathPrefix /nix/store/nvl9ic0pj1fpyln3zaqrf4cclbqdfn1j-foo/bar) (lib.path.hasStorePathPrefix /nix/store) (lib.path.splitRoot /foo/bar).subpath ];
  "path.append of an absolute path" = toString (lib.path.append /foo "/bar");
  "meta" = [ (lib.getExe' { type = "derivation"; out = "/o"; outPath = "/o"; } "x") (lib.getExe { type = "derivation"; outPath = "/o"; meta.mainProgram = "m"; }) (lib.setName "b" { name = "a"; }) (lib.appendToName "s" { name = "a-1.0"; }) (lib.hiPrio { }) ];
  "getExe' with a path" = lib.getExe' { type = "derivation"; outPath = "/o"; } "a/b";
  "makeOverridable" = let f = lib.makeOverridable ({ a, b ? 2 }: { result = a + b; }) { a = 1; }; in [ f.result (f.override { b = 5; }).result ((f.override { b = 5; }).override (old: { a = old.b; })).result ];
  "callPackageWith" = (lib.callPackageWith { x = 1; y = 2; } ({ x, z ? 5 }: { sum = x + z; }) { }).sum;
  "systems" = map (s: let p = lib.systems.elaborate s; in [ p.system p.config p.isLinux p.isx86_64 p.isAarch64 p.is64bit p.linuxArch p.parsed.cpu.name p.parsed.kernel.name ]) [ "x86_64-linux" "aarch64-linux" "riscv64-linux" "i686-linux" ];
  "sources filter" = map (x: lib.cleanSourceFilter (lib.head x) (lib.last x)) [ [ "/a/.git" "directory" ] [ "/a/b.o" "regular" ] [ "/a/x~" "regular" ] [ "/a/.b.swp" "regular" ] [ "/a/result" "symlink" ] [ "/a/result" "regular" ] [ "/a/CVS" "directory" ] [ "/a/x.c" "regular" ] ];
}
