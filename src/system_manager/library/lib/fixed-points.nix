/**
  Attribute sets that refer to themselves, and layers that change them.
  A layer (overlay, extension) is `final: prev: { … }`.
*/
{ lib }:

let
  inherit (builtins) foldl' isFunction;

  fix =
    function:
    let
      result = function result;
    in
    result;

  # One layer on top of a self-referring set.
  extends =
    layer: base: final:
    let
      prev = base final;
    in
    prev // layer final prev;

  composeExtensions =
    first: second: final: prev:
    let
      changed = first final prev;
    in
    changed // second final (prev // changed);

  makeExtensibleWithCustomName =
    extenderName: base:
    lib.fix' (
      final:
      base final
      // {
        ${extenderName} = layer: makeExtensibleWithCustomName extenderName (extends layer base);
      }
    );
in
{
  inherit
    fix
    extends
    composeExtensions
    makeExtensibleWithCustomName
    ;

  # As fix, and the unfixed function stays reachable for another round of changes.
  fix' =
    function:
    let
      result = function result // {
        __unfix__ = function;
      };
    in
    result;

  # Applies the function until its result stays the same.
  converge =
    function: value:
    let
      next = function value;
    in
    if next == value then value else lib.converge function next;

  composeManyExtensions = foldl' (composed: layer: composeExtensions composed layer) (_: _: { });

  makeExtensible = makeExtensibleWithCustomName "extend";

  # Accepts a set, `prev: { … }` and `final: prev: { … }` alike.
  toExtension =
    layer:
    if lib.isFunction layer then
      final: prev:
      let
        once = layer prev;
      in
      if isFunction once then layer final prev else once
    else
      _: _: layer;
}
