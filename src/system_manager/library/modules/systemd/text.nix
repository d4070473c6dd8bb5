/** The text of unit files. Keys are in byte order, a list is its key written once per element. */
{ lib }:

let
  inherit (builtins)
    concatStringsSep
    isList
    stringLength
    toJSON
    ;

  scalar =
    value:
    if value == true then
      "true"
    else if value == false then
      "false"
    else
      toString value;

  section =
    keys:
    lib.concatStrings (
      lib.concatLists (
        lib.mapAttrsToList (
          name: value: map (element: "${name}=${scalar element}\n") (if isList value then value else [ value ])
        ) keys
      )
    );

  lines = key: values: concatStringsSep "\n" (map (value: "${key}=${toString value}") values);

  # [Install] is for the reader: the links are made by the configuration, not by `systemctl enable`.
  framed =
    unit: body:
    "[Unit]\n${section unit.unitConfig}\n${body}"
    + lib.optionalString (unit.wantedBy != [ ]) "\n[Install]\nWantedBy=${concatStringsSep " " unit.wantedBy}\n";

  single =
    title: option: unit:
    framed unit "[${title}]\n${section unit.${option}}\n";

  # systemd refuses longer lines.
  longestLine = 1048576;

  environmentLine =
    unit: variable: value:
    let
      line = "Environment=${toJSON "${variable}=${toString value}"}";
    in
    if stringLength line >= longestLine then
      throw "The value of the environment variable '${variable}' in systemd service '${unit}.service' is too long."
    else
      line + "\n";
in
{
  inherit section;

  target = unit: "[Unit]\n${section unit.unitConfig}";

  service =
    globalEnvironment: unit:
    let
      variables = lib.filterAttrs (_: value: value != null) (globalEnvironment // unit.environment);
    in
    framed unit (
      lib.concatStrings (
        [ "[Service]\n" ]
        ++ lib.mapAttrsToList (environmentLine unit.name) variables
        ++ [
          (
            if unit.reloadIfChanged then
              "X-ReloadIfChanged=true\n"
            else
              lib.optionalString (!unit.restartIfChanged) "X-RestartIfChanged=false\n"
          )
          (lib.optionalString (!unit.stopIfChanged) "X-StopIfChanged=false\n")
          (lib.optionalString unit.notSocketActivated "X-NotSocketActivated=true\n")
          (section unit.serviceConfig)
        ]
      )
    );

  socket =
    unit:
    framed unit "[Socket]\n${section unit.socketConfig}\n${lines "ListenStream" unit.listenStreams}\n${
      lines "ListenDatagram" unit.listenDatagrams
    }\n";

  timer = single "Timer" "timerConfig";
  path = single "Path" "pathConfig";
  slice = single "Slice" "sliceConfig";
  mount = single "Mount" "mountConfig";
  automount = single "Automount" "automountConfig";
}
