{ lib }:
{
  "pipe hands a value through functions" = lib.pipe 2 [ (x: x + 1) (x: x * 10) toString ];
  "pipe through nothing is the value" = lib.pipe "a" [ ];
  "flip turns two arguments round" = lib.flip (a: b: a - b) 1 10;
  "const ignores its second argument" = lib.const 1 (throw "not looked at");
  "or, and, xor" = map (f: map (a: map (b: f a b) [ true false ]) [ true false ]) [ lib."or" lib.and lib.xor ];
  "bits" = [ (lib.bitAnd 12 10) (lib.bitOr 12 10) (lib.bitXor 12 10) (lib.bitNot 12) (lib.bitNot (-1)) ];
  "min and max" = [ (lib.min 3 4) (lib.max 3 4) (lib.min "a" "b") (lib.max (-1) (-2)) ];
  "compare" = [ (lib.compare 1 2) (lib.compare 2 1) (lib.compare 1 1) (lib.compare "a" "b") ];
  "mod of negative numbers keeps the sign" = [ (lib.mod 7 3) (lib.mod (-7) 3) (lib.mod 7 (-3)) ];
  "splitByAndCompare" = lib.sort (a: b: lib.splitByAndCompare (lib.hasPrefix "foo") lib.compare lib.compare a b < 0) [ "baz" "foo2" "bar" "foo1" ];
  "boolToString" = map lib.boolToString [ true false ];
  "boolToYesNo" = map lib.boolToYesNo [ true false ];
  "mapNullable and defaultTo" = [ (lib.mapNullable (x: x + 1) null) (lib.mapNullable (x: x + 1) 1) (lib.defaultTo 3 null) (lib.defaultTo 3 4) ];
  "functionArgs sees through functors" = [ (lib.functionArgs ({ a, b ? 1 }: a)) (lib.functionArgs (lib.setFunctionArgs (x: x) { c = true; })) (lib.functionArgs (x: x)) ];
  "functionArgs of a plain functor" = lib.functionArgs { __functor = self: { a, b ? 2 }: a; };
  "isFunction" = map lib.isFunction [ (x: x) { __functor = self: x: x; } { } 1 ];
  "toFunction" = [ (lib.toFunction 1 2) (lib.toFunction (x: x + 1) 2) ];
  "mirrorFunctionArgs" = lib.functionArgs (lib.mirrorFunctionArgs ({ a, b ? 1 }: a) (x: x));
  "hexadecimal numbers" = [ (lib.toHexString 0) (lib.toHexString 250) (lib.toHexString 4095) (lib.fromHexString "FF") (lib.fromHexString "0x7f") (lib.fromHexString "0x0") ];
  "toBaseDigits" = [ (lib.toBaseDigits 2 6) (lib.toBaseDigits 10 250) (lib.toBaseDigits 16 0) ];
  "throwIf throws" = lib.throwIf true "message" 1;
  "throwIf passes" = lib.throwIf false "message" 1;
  "throwIfNot throws" = lib.throwIfNot false "message" 1;
  "checkListOfEnum passes" = lib.checkListOfEnum "color" [ "red" "blue" ] [ "red" ] "ok";
  "checkListOfEnum refuses" = lib.checkListOfEnum "color" [ "red" "blue" ] [ "green" ] "ok";
  "mergeAttrs" = lib.mergeAttrs { a = 1; b = 2; } { b = 3; };
  "fix" = lib.fix (self: { a = 1; b = self.a + 1; });
  "fix' keeps the function" = builtins.attrNames (lib.fix' (self: { a = 1; }));
  "extends" = lib.fix (lib.extends (final: prev: { a = prev.a + 10; c = final.b; }) (final: { a = 1; b = final.a; }));
  "composeExtensions" = lib.fix (lib.extends (lib.composeExtensions (final: prev: { a = prev.a + 1; }) (final: prev: { a = prev.a * 10; })) (final: { a = 1; }));
  "composeManyExtensions of none" = lib.fix (lib.extends (lib.composeManyExtensions [ ]) (final: { a = 1; }));
  "composeManyExtensions in order" = lib.fix (lib.extends (lib.composeManyExtensions [ (f: p: { a = p.a + "1"; }) (f: p: { a = p.a + "2"; }) ]) (final: { a = ""; }));
  "makeExtensible" = removeAttrs ((lib.makeExtensible (self: { a = 1; b = self.a; })).extend (final: prev: { a = 5; })) [ "extend" "__unfix__" ];
  "converge" = lib.converge (x: x / 2) 16;
  "toExtension of a function of one argument" = lib.toExtension (prev: { x = prev.x + 1; }) { x = 9; } { x = 1; };
}
