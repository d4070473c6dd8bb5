derivation {
  name = "escapes";
  system = "x86_64-linux";
  builder = "/bin/sh";
  args = [ "" "a\nb" "\"quoted\"" "back\\slash" "tab\there" "return\rhere" "\${dollar}" "ünïcödé ☃ 𝄞" ];
  "name with spaces" = "and \\n which is not a newline";
  "Äpfel" = "sorted by bytes";
  empty = "";
  list = [ "one" 2 true false null ];
}
