/** Texts made safe for other languages: the shell, regular expressions, XML, URLs, Nix, systemd. */
{ lib }:

let
  inherit (builtins)
    concatStringsSep
    elem
    isAttrs
    isList
    isString
    length
    map
    match
    replaceStrings
    stringLength
    substring
    toJSON
    ;

  inherit (lib) stringAsChars;

  escape = characters: replaceStrings characters (map (character: "\\${character}") characters);

  # One byte as two hexadecimal digits.
  hex = byte: lib.fixedWidthString 2 "0" (lib.toHexString byte);

  # Every byte that a string of this evaluator can hold as one character of ASCII.
  printable =
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  byteValues =
    builtins.listToAttrs (
      builtins.genList (index: {
        name = substring index 1 printable;
        value = 32 + index;
      }) (stringLength printable)
    )
    // {
      "\t" = 9;
      "\n" = 10;
      "\r" = 13;
    };

  xmlNames = {
    "\"" = "&quot;";
    "'" = "&apos;";
    "<" = "&lt;";
    ">" = "&gt;";
    "&" = "&amp;";
  };

  nixKeywords = [
    "assert"
    "else"
    "if"
    "in"
    "inherit"
    "let"
    "or"
    "rec"
    "then"
    "with"
  ];
in
{
  inherit byteValues escape;

  # [characters] -> text -> text with \xNN for each of them.
  escapeC =
    characters:
    replaceStrings characters (
      map (character: "\\x${lib.toLower (hex byteValues.${character})}") characters
    );

  escapeURL =
    text:
    let
      unreserved = "[A-Za-z0-9_.~-]";
      reserved = builtins.filter (character: match unreserved character == null) (builtins.attrNames byteValues);
    in
    replaceStrings reserved (map (character: "%${hex byteValues.${character}}") reserved) text;

  # Words without anything that a POSIX shell would look at stay as they are.
  escapeShellArg =
    argument:
    let
      text = toString argument;
    in
    if match "[[:alnum:],._+:@%/-]+" text != null then text else "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
  escapeShellArgs = arguments: concatStringsSep " " (map lib.escapeShellArg arguments);

  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;

  # String | [String] | { name = String; } -> an assignment for bash.
  toShellVar =
    name: value:
    if !lib.isValidPosixName name then
      throw "toShellVar: ${name} is not a valid shell variable name"
    else if isAttrs value && !lib.isStringLike value then
      "declare -A ${name}=(${
        concatStringsSep " " (
          lib.mapAttrsToList (key: item: "[${lib.escapeShellArg key}]=${lib.escapeShellArg item}") value
        )
      })"
    else if isList value then
      "declare -a ${name}=(${lib.escapeShellArgs value})"
    else
      "${name}=${lib.escapeShellArg value}";
  toShellVars = variables: concatStringsSep "\n" (lib.mapAttrsToList lib.toShellVar variables);

  escapeNixString = text: replaceStrings [ "$" ] [ "\\$" ] (toJSON text);
  escapeRegex = escape (lib.stringToCharacters "\\[{()^$?*+|.");
  escapeNixIdentifier =
    name:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null && !elem name nixKeywords then
      name
    else
      lib.strings.escapeNixString name;
  escapeXML = replaceStrings (builtins.attrNames xmlNames) (builtins.attrValues xmlNames);
}
