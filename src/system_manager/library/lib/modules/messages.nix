/** What is said when modules or options do not fit together: what is wrong, where, and what to do. */
{ lib }:

let
  inherit (builtins)
    attrNames
    concatStringsSep
    filter
    head
    length
    map
    typeOf
    ;
  inherit (lib) showOption;

  quote = text: "`${text}'";

  among =
    path: names:
    let
      shown = map (name: quote (showOption (path ++ [ name ]))) names;
    in
    if length shown == 1 then
      head shown
    else
      "${concatStringsSep ", " (lib.init shown)} or ${lib.last shown}";

  # Whole programs that no module is about: the most that can be written in their place.
  instead = {
    containers = "It is NixOS's own: write a container as a unit that runs systemd-nspawn or podman.";
    programs = "No module here is about this program: install it with `environment.systemPackages', and write its files as `environment.etc'.";
    services = "No module here is about this service: import one that declares it, or write its unit as `systemd.services', its package into `environment.systemPackages' and its files as `environment.etc'.";
    specialisation = "A configuration has one form here: keep others in files of their own, and switch to them with `--file'.";
  };
  whatToDo =
    path:
    lib.optionalString (length path <= 2 && instead ? ${head path}) "\n\n${instead.${head path}}";

  # Near names, nearest first. With many candidates only those that differ by a slip of the hand.
  nearest =
    wanted: candidates:
    let
      distance = lib.strings.levenshtein wanted;
      considered =
        if length candidates < 100 then
          filter (name: distance name <= lib.max 3 (builtins.stringLength wanted / 2)) candidates
        else
          filter (lib.strings.levenshteinAtMost 2 wanted) candidates;
    in
    lib.take 3 (lib.sortOn distance considered);
in
{
  strayAttributes =
    key: names:
    "Module ${quote key} has an unsupported attribute ${quote (head names)}. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString names}) into the explicit `config' attribute.";

  missingArgument =
    key: name:
    "The module ${quote key} wants the argument ${quote name}, which nobody gives it. Give it as one of `specialArgs', or set `_module.args.${name}'.";

  missingModule =
    place: path:
    "path '${path}' does not exist${lib.optionalString (place != lib.unknownModule) ", which the module ${quote place} imports"}.";

  relativeModule =
    place: text:
    "The module ${quote place} imports the string \"${text}\", which is not an absolute path. A file beside it is written without quotes: ./${text}";

  # above: the files on the way, outermost first.
  importCycle =
    above: file:
    let
      from = lib.lists.findFirstIndex (each: each == file) 0 above;
      way = lib.drop (from + 1) above ++ [ file ];
    in
    "The module ${quote file} imports itself${
      lib.optionalString (length way > 1) ": it imports ${concatStringsSep ", which imports " (map quote way)}"
    }. Leave one of the imports out, or move what both need into a third file.";

  importsNoList =
    place: value:
    "The attribute `imports' of the module ${quote place} is a ${typeOf value}, and should be a list of modules, in brackets.";

  notAModule =
    class: file: prefix: type:
    "Expected a module, but found a value of type \"${type}\"${
      lib.optionalString (file != lib.unknownModule) ", while loading ${toString file}"
    }${lib.optionalString (prefix != [ ]) ", while loading a module into ${quote (showOption prefix)}"}.\nItems of `imports' and `modules' are files, functions and attribute sets that make up a module.${
      lib.optionalString (type == "flake") " Perhaps an attribute of the flake was meant, such as `.${
        if class == null then "modules" else class + "Modules"
      }.default'."
    }${lib.optionalString (type == "configuration") " Import the modules that the configuration was made from."}";

  nestedList =
    file: modules:
    "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Definitions: ${
      lib.options.showDefs [
        {
          inherit file;
          value = modules;
        }
      ]
    }";

  wrongClass =
    class: module:
    "The module ${quote (module._file or module.key)} (class: \"${module._class}\") cannot be imported into a module evaluation that expects class \"${class}\".";

  ambiguousDisabled =
    file: item:
    "Module ${quote file} contains a disabledModules item that is both text (${toString item}) and a module with another `key' (${item.key}), so that it is not clear which module should be disabled.";
  unusableDisabled =
    file: item:
    "Each disabledModules item must be a path, a string, or a module with a `key' attribute; one in ${quote (toString file)} is of type ${typeOf item} without one.";

  optionsNotASet =
    prefix: value:
    "An option declaration for ${quote (concatStringsSep "." prefix)} has type ${quote (typeOf value)} rather than an attribute set.\nDid you mean to define this outside of `options'?";

  configNotASet =
    prefix: entry:
    "In module ${quote (lib.options.showPlace entry)}, you're trying to define a value of type ${quote (typeOf entry.config)}\nrather than an attribute set for the option\n${quote (concatStringsSep "." prefix)}!\nThis happens when ${quote (concatStringsSep "." prefix)} has options inside; define those.";

  notAnOption =
    path: file: type:
    "In module ${file}: expected an option declaration at option path `${showOption path}` but got an attribute set with type ${type}${
      lib.optionalString (type == "option-type") "\nWrap the type in mkOption: ${
        lib.strings.escapeNixIdentifier (lib.last path)
      } = lib.mkOption { type = …; };"
    }";

  declaredTwice =
    path: file: declarations:
    "The option ${quote (showOption path)} in ${quote file} is already declared in ${lib.showFiles declarations}.";

  # An option of a plain type with options below it.
  optionWithChildren =
    path: option: others:
    let
      child = declaration: map (
        name: " - option(s) with prefix ${quote (showOption (path ++ [ name ]))} in module ${quote declaration._file}"
      ) (attrNames declaration.options);
    in
    "The option ${quote (showOption path)} in module ${quote option._file} would be a parent of the following options, but its type ${
      quote (option.options.type.description or "<no description>")
    } does not support nested options.\n${
      concatStringsSep "\n" (builtins.sort builtins.lessThan (builtins.concatMap child others))
    }";

  # definition: { file, value, prefix = path below `prefix` }
  unknownOption =
    class: prefix: options: definition:
    let
      parent = lib.init definition.prefix;
      siblings = filter (name: parent != [ ] || name != "_module") (attrNames (lib.attrByPath parent { } options));
      near = nearest (lib.last definition.prefix) siblings;
      message = "The option ${quote (showOption (prefix ++ definition.prefix))} does not exist. Definition values:${
        lib.options.showDefs [ definition ]
      }${lib.optionalString (near != [ ]) "\n\nDid you mean ${among (prefix ++ parent) near}?"}${
        lib.optionalString (prefix == [ ] && class != null) (whatToDo definition.prefix)
      }";
    in
    if attrNames options != [ "_module" ] then
      message
    else if prefix == [ ] then
      "${message}\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!"
    else
      "${message}\n\nHowever there are no options defined in ${quote (showOption prefix)}. Are you sure you've\ndeclared your options properly? This can happen if you e.g. declared your options in `types.submodule'\nunder `config' rather than `options'.";
}
