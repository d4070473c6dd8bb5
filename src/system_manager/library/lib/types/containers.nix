/** Types made from other types: lists, sets, alternatives, functions, conversions. */
{ lib, foundation }:

let
  inherit (builtins)
    all
    attrNames
    concatLists
    elemAt
    filter
    foldl'
    head
    intersectAttrs
    isAttrs
    isList
    length
    map
    mapAttrs
    removeAttrs
    tail
    unsafeGetAttrPos
    zipAttrsWith
    ;
  inherit (foundation)
    addCheck
    defaultFunctor
    elementFunctor
    mkOptionType
    optionDescriptionPhrase
    ;
  inherit (lib)
    getFiles
    mergeDefinitions
    showFiles
    showOption
    ;
  inherit (lib.strings) escapeNixIdentifier;

  nounOrComposite = class: class == "noun" || class == "composite";
  nounOrConjunction = class: class == "noun" || class == "conjunction";
  phrase = optionDescriptionPhrase nounOrComposite;

  listOf =
    elemType:
    mkOptionType {
      name = "listOf";
      description = "list of ${phrase elemType}";
      descriptionClass = "composite";
      check = isList;
      merge =
        path: definitions:
        let
          element =
            outer: definition: inner: value:
            mergeDefinitions (path ++ [ "[definition ${toString outer}-entry ${toString inner}]" ]) elemType [
              {
                inherit (definition) file;
                position = definition.position or null;
                inherit value;
              }
            ];
          elements = lib.imap1 (outer: definition: lib.imap1 (element outer definition) definition.value) definitions;
        in
        map (merged: merged.mergedValue) (filter (merged: merged.isDefined) (concatLists elements));
      emptyValue.value = [ ];
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "*" ]);
      inherit (elemType) getSubModules;
      substSubModules = modules: listOf (elemType.substSubModules modules);
      functor = elementFunctor "listOf" listOf elemType;
      nestedTypes.elemType = elemType;
    };

  nonEmptyListOf =
    elemType:
    let
      list = addCheck (listOf elemType) (value: value != [ ]);
    in
    list
    // {
      description = "non-empty ${optionDescriptionPhrase (class: class == "noun") list}";
      emptyValue = { };
      substSubModules = modules: nonEmptyListOf (elemType.substSubModules modules);
    };

  samePlaceholder =
    a: b:
    if a == b || b == "name" then
      a
    else if a == "name" then
      b
    else
      null;

  attrsWith =
    {
      elemType,
      lazy ? false,
      placeholder ? "name",
    }:
    let
      merged =
        path: definitions:
        zipAttrsWith (name: mergeDefinitions (path ++ [ name ]) elemType) (
          map (
            definition:
            mapAttrs (name: value: {
              inherit (definition) file;
              position = unsafeGetAttrPos name definition.value;
              inherit value;
            }) definition.value
          ) definitions
        );
      # Names whose definitions are all switched off are not there; to know that, a lazy set would have to look.
      present = elements: removeAttrs elements (filter (name: !elements.${name}.isDefined) (attrNames elements));
      lazyValue =
        element: if element.isDefined then element.mergedValue else elemType.emptyValue.value or element.mergedValue;
    in
    mkOptionType {
      name = if lazy then "lazyAttrsOf" else "attrsOf";
      description = "${lib.optionalString lazy "lazy "}attribute set of ${phrase elemType}";
      descriptionClass = "composite";
      check = isAttrs;
      merge =
        path: definitions:
        if lazy then
          mapAttrs (_: lazyValue) (merged path definitions)
        else
          mapAttrs (_: element: element.mergedValue) (present (merged path definitions));
      emptyValue.value = { };
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<${placeholder}>" ]);
      inherit (elemType) getSubModules;
      substSubModules =
        modules:
        attrsWith {
          elemType = elemType.substSubModules modules;
          inherit lazy placeholder;
        };
      functor = elementFunctor "attrsWith" (_: null) elemType // {
        payload = { inherit elemType lazy placeholder; };
        type = attrsWith;
        binOp =
          a: b:
          let
            elemType = a.elemType.typeMerge b.elemType.functor;
            placeholder = samePlaceholder a.placeholder b.placeholder;
          in
          if elemType == null || a.lazy != b.lazy || placeholder == null then
            null
          else
            {
              inherit elemType placeholder;
              inherit (a) lazy;
            };
      };
      nestedTypes.elemType = elemType;
    };

  unique =
    { message }:
    type:
    mkOptionType {
      name = "unique";
      inherit (type)
        description
        descriptionClass
        check
        emptyValue
        getSubOptions
        getSubModules
        ;
      merge = lib.mergeUniqueOption {
        inherit message;
        inherit (type) merge;
      };
      substSubModules = modules: unique { inherit message; } (type.substSubModules modules);
      functor = elementFunctor "unique" (unique { inherit message; }) type;
      nestedTypes.elemType = type;
    };

  nullOr =
    elemType:
    mkOptionType {
      name = "nullOr";
      description = "null or ${optionDescriptionPhrase nounOrConjunction elemType}";
      descriptionClass = "conjunction";
      check = value: value == null || elemType.check value;
      merge =
        path: definitions:
        let
          nulls = filter (definition: definition.value == null) definitions;
        in
        if nulls == [ ] then
          elemType.merge path definitions
        else if length nulls == length definitions then
          null
        else
          throw "The option `${showOption path}` is defined both null and not null, in ${showFiles (getFiles definitions)}.";
      emptyValue.value = null;
      inherit (elemType) getSubOptions getSubModules;
      substSubModules = modules: nullOr (elemType.substSubModules modules);
      functor = elementFunctor "nullOr" nullOr elemType;
      nestedTypes.elemType = elemType;
    };

  functionTo =
    elemType:
    mkOptionType {
      name = "functionTo";
      description = "function that evaluates to a(n) ${phrase elemType}";
      descriptionClass = "composite";
      check = lib.isFunction;
      merge = path: definitions: {
        __functionArgs = zipAttrsWith (_: all (optional: optional)) (
          map (definition: lib.functionArgs definition.value) definitions
        );
        __functor =
          _: argument:
          (mergeDefinitions (path ++ [ "<function body>" ]) elemType (
            map (definition: definition // { value = definition.value argument; }) definitions
          )).mergedValue;
      };
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<function body>" ]);
      inherit (elemType) getSubModules;
      substSubModules = modules: functionTo (elemType.substSubModules modules);
      functor = elementFunctor "functionTo" functionTo elemType;
      nestedTypes.elemType = elemType;
    };

  allOf = type: all (definition: type.check definition.value);

  either =
    left: right:
    mkOptionType {
      name = "either";
      description =
        if left.descriptionClass or null == "nonRestrictiveClause" then
          "${left.description}, or ${optionDescriptionPhrase nounOrConjunction right}"
        else
          "${optionDescriptionPhrase nounOrConjunction left} or ${
            optionDescriptionPhrase (class: nounOrConjunction class || class == "composite") right
          }";
      descriptionClass = "conjunction";
      check = value: left.check value || right.check value;
      merge =
        path: definitions:
        if allOf left definitions then
          left.merge path definitions
        else if allOf right definitions then
          right.merge path definitions
        else
          throw "The option `${showOption path}` is neither a value of type `${left.description}` nor `${right.description}`, Definition values: ${lib.options.showDefs definitions}";
      typeMerge =
        functor:
        let
          mergedLeft = left.typeMerge (head functor.payload.elemType).functor;
          mergedRight = right.typeMerge (elemAt functor.payload.elemType 1).functor;
        in
        if functor.name != "either" || mergedLeft == null || mergedRight == null then null else either mergedLeft mergedRight;
      functor = defaultFunctor "either" // {
        type = either;
        payload.elemType = [
          left
          right
        ];
      };
      nestedTypes = { inherit left right; };
    };

  coercedTo =
    coercedType: coerce: finalType:
    assert lib.assertMsg (
      coercedType.getSubModules == null
    ) "coercedTo: coercedType must not have submodules (it’s a ${coercedType.description})";
    mkOptionType {
      name = "coercedTo";
      description = "${optionDescriptionPhrase (class: class == "noun") finalType} or ${
        optionDescriptionPhrase (class: class == "noun") coercedType
      } convertible to it";
      check = value: (coercedType.check value && finalType.check (coerce value)) || finalType.check value;
      merge =
        path: definitions:
        finalType.merge path (
          map (
            definition: if coercedType.check definition.value then definition // { value = coerce definition.value; } else definition
          ) definitions
        );
      inherit (finalType) emptyValue getSubOptions getSubModules;
      substSubModules = modules: coercedTo coercedType coerce (finalType.substSubModules modules);
      typeMerge = _: null;
      functor = defaultFunctor "coercedTo";
      nestedTypes = { inherit coercedType finalType; };
    };

  tagPosition =
    tags: name:
    let
      position = unsafeGetAttrPos name tags;
    in
    lib.optional (position != null) position;

  checkTag =
    given: name: option:
    if option._type or null != "option" then
      throw "In attrTag, each tag value must be an option, but tag ${escapeNixIdentifier name} ${
        if !(option ? _type) then
          "was not."
        else if option._type == "option-type" then
          "was a bare type, not wrapped in mkOption."
        else
          "was of type ${lib.strings.escapeNixString option._type}."
      }"
    else
      option
      // {
        declarations = option.declarations or (map (position: position.file) (tagPosition given name));
        declarationPositions = option.declarationPositions or (tagPosition given name);
      };

  mergeTags =
    a: b:
    a
    // b
    // mapAttrs (
      name: second:
      let
        declared = options: {
          inherit options;
          _file = "<attrTag {...}>";
          pos = null;
        };
        first = a.${name};
      in
      lib.mergeOptionDecls [ name ] [ (declared first) (declared second) ]
      // {
        declarations = first.declarations ++ second.declarations;
        declarationPositions = first.declarationPositions ++ second.declarationPositions;
      }
    ) (intersectAttrs a b);

  attrTag =
    given:
    let
      tags = mapAttrs (checkTag given) given;
      choices = lib.concatMapStringsSep ", " escapeNixIdentifier (attrNames tags);
      tagOf = definition: head (attrNames definition.value);
    in
    mkOptionType {
      name = "attrTag";
      description = "attribute-tagged union with choices: ${choices}";
      descriptionClass = "noun";
      getSubOptions = prefix: mapAttrs (name: option: option // { loc = prefix ++ [ name ]; }) tags;
      check = value: isAttrs value && length (attrNames value) == 1 && tags ? ${head (attrNames value)};
      merge =
        path: definitions:
        let
          choice = tagOf (head definitions);
          others = filter (definition: tagOf definition != choice) definitions;
        in
        if others != [ ] then
          throw "The option `${showOption path}` is defined both as `${choice}` and `${tagOf (head others)}`, in ${showFiles (getFiles definitions)}."
        else
          {
            ${choice} =
              (lib.modules.evalOptionValue (path ++ [ choice ]) tags.${choice} (
                map (definition: {
                  inherit (definition) file;
                  position = unsafeGetAttrPos choice definition.value;
                  value = definition.value.${choice};
                }) definitions
              )).value;
          };
      nestedTypes = tags;
      functor = defaultFunctor "attrTag" // {
        type = payload: attrTag payload.tags;
        payload = { inherit tags; };
        binOp = a: b: { tags = mergeTags a.tags b.tags; };
      };
    };

  serializableValueWith =
    {
      typeName,
      nullable ? true,
    }:
    let
      base = lib.types.oneOf [
        lib.types.bool
        lib.types.int
        lib.types.float
        lib.types.str
        lib.types.path
        (lib.types.attrsOf value)
        (listOf value)
      ];
      value = (if nullable then nullOr base else base) // {
        description = "${typeName} value";
      };
    in
    value;
in
{
  inherit
    addCheck
    attrTag
    attrsWith
    coercedTo
    either
    functionTo
    listOf
    nonEmptyListOf
    nullOr
    serializableValueWith
    unique
    ;

  attrsOf = elemType: attrsWith { inherit elemType; };
  lazyAttrsOf =
    elemType:
    attrsWith {
      inherit elemType;
      lazy = true;
    };
  loaOf =
    elemType:
    lib.types.attrsOf elemType
    // {
      name = "loaOf";
      deprecationMessage = "A list can no longer stand for a set; use `types.attrsOf`.";
    };

  uniq = unique { message = ""; };

  oneOf =
    types:
    if types == [ ] then
      throw "types.oneOf needs to get at least one type in its argument"
    else
      foldl' either (head types) (tail types);

  json = serializableValueWith { typeName = "JSON"; };
  toml = serializableValueWith {
    typeName = "TOML";
    nullable = false;
  };
}
