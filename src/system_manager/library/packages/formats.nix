/**
  File formats: `formats.json { }` is { type, generate }, where `type` is an option type of what the format
  can hold and `generate name value` the file.
*/
{ lib, pkgs, ... }:

let
  inherit (lib) generators types;

  written = name: text: pkgs.writeText name text;

  atom = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.float
      types.str
    ]
  ) // { description = "INI atom (null, bool, int, float or string)"; };

  # Values of one key; a list stands for the key written several times, or for one joined text.
  iniValue =
    { listsAsDuplicateKeys, listToValue }:
    if listsAsDuplicateKeys || listToValue != null then types.either atom (types.listOf atom) else atom;

  joinLists =
    listToValue: value: if listToValue != null && lib.isList value then listToValue value else value;

  iniSettings =
    {
      listsAsDuplicateKeys ? false,
      listToValue ? null,
      ...
    }@settings:
    {
      valueType = iniValue { inherit listsAsDuplicateKeys listToValue; };
      generator = removeAttrs settings [
        "listToValue"
        "atomsCoercedToLists"
      ];
      prepare = lib.mapAttrs (_: joinLists listToValue);
    };
in
{
  json = { }: {
    type = types.json;
    generate = name: value: written name (builtins.toJSON value + "\n");
  };

  # JSON is YAML, so the file needs no converter.
  yaml = { }: {
    type = types.serializableValueWith { typeName = "YAML"; };
    generate = name: value: written name (builtins.toJSON value + "\n");
  };

  toml = { }: {
    type = types.toml;
    generate = name: value: written name (generators.toTOML { } value);
  };

  ini =
    settings:
    let
      ini = iniSettings settings;
    in
    {
      type = types.attrsOf (types.attrsOf ini.valueType);
      lib.types.atom = atom;
      generate = name: value: written name (generators.toINI ini.generator (lib.mapAttrs (_: ini.prepare) value));
    };

  iniWithGlobalSection =
    settings:
    let
      ini = iniSettings settings;
    in
    {
      type = types.submodule {
        options = {
          globalSection = lib.mkOption {
            type = types.attrsOf ini.valueType;
            default = { };
            description = "Keys before the first section.";
          };
          sections = lib.mkOption {
            type = types.attrsOf (types.attrsOf ini.valueType);
            default = { };
            description = "Sections with their keys.";
          };
        };
      };
      generate =
        name: value:
        written name (
          generators.toINIWithGlobalSection ini.generator {
            globalSection = ini.prepare value.globalSection;
            sections = lib.mapAttrs (_: ini.prepare) value.sections;
          }
        );
    };

  gitIni =
    { ... }:
    {
      type = types.attrsOf (types.attrsOf types.anything);
      generate = name: value: written name (generators.toGitINI value);
    };

  keyValue =
    settings:
    let
      ini = iniSettings settings;
    in
    {
      type = types.attrsOf ini.valueType;
      generate = name: value: written name (generators.toKeyValue ini.generator (ini.prepare value));
    };

  # Key and value of each unit section; lists are keys written several times.
  systemd = {
    type = types.attrsOf (types.attrsOf types.anything);
    generate = name: value: written name (generators.toINI { listsAsDuplicateKeys = true; } value);
  };

  lua =
    settings:
    {
      type = types.attrsOf types.anything;
      lib.mkRaw = lib.mkLuaInline;
      generate = name: value: written name "return ${generators.toLua settings value}\n";
    };
}
