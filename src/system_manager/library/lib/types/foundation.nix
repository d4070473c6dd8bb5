/** What a type is made of, and how two declarations of one type become one. */
{ lib }:

let
  defaultFunctor = name: {
    inherit name;
    type = lib.types.${name} or null;
    payload = null;
    binOp = _: _: null;
  };

  # Two functors -> the common type, or null if there is none.
  defaultTypeMerge =
    mine: theirs:
    let
      payload = mine.binOp mine.payload theirs.payload;
    in
    if mine.name != theirs.name then
      null
    else if mine.payload == null then
      mine.type
    else if payload == null then
      null
    else
      mine.type payload;

  isType = type: value: (value._type or "") == type;
  setType = type: value: value // { _type = type; };

  isOptionType = isType "option-type";
in
{
  inherit
    defaultFunctor
    defaultTypeMerge
    isOptionType
    isType
    setType
    ;

  # For types with one element type: they merge if their element types do.
  elementFunctor = name: make: elemType: {
    inherit name;
    payload = { inherit elemType; };
    type = payload: make payload.elemType;
    binOp =
      a: b:
      let
        merged = a.elemType.typeMerge b.elemType.functor;
      in
      if merged == null then null else { elemType = merged; };
  };

  mkOptionType =
    {
      name,
      description ? null,
      # "noun", "composite", "conjunction" or "nonRestrictiveClause": when the description needs parentheses.
      descriptionClass ? null,
      check ? (_: true),
      # path -> [ { file, value } ] -> value
      merge ? lib.mergeDefaultOption,
      emptyValue ? { },
      getSubOptions ? (_: { }),
      getSubModules ? null,
      substSubModules ? (_: null),
      functor ? defaultFunctor name,
      typeMerge ? defaultTypeMerge functor,
      deprecationMessage ? null,
      nestedTypes ? { },
    }:
    {
      _type = "option-type";
      inherit
        name
        check
        merge
        emptyValue
        getSubOptions
        getSubModules
        substSubModules
        typeMerge
        functor
        deprecationMessage
        nestedTypes
        descriptionClass
        ;
      description = if description == null then name else description;
    };

  # The description of a type inside that of another.
  optionDescriptionPhrase =
    plain: type: if plain (type.descriptionClass or null) then type.description else "(${type.description})";

  mergeTypes =
    a: b:
    let
      merged = a.typeMerge b.functor;
    in
    assert isOptionType a && isOptionType b;
    if merged == null then setType "merge-error" { error = "Cannot merge types"; } else merged;

  # Narrows a type by a further condition.
  addCheck = type: check: type // { check = value: type.check value && check value; };

  noCheckForDocsModule = {
    _file = "<checks are off while documentation is made>";
    config._module.check = lib.mkForce false;
  };
}
