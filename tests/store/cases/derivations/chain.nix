# Long enough that whoever follows it by recursion notices.
let
  link =
    number:
    derivation {
      name = "link-${toString number}";
      system = "x86_64-linux";
      builder = "/bin/sh";
      previous = if number == 0 then "none" else link (number - 1);
      outputs = if number == 3 then [ "out" "extra" ] else [ "out" ];
    };
in
derivation {
  name = "end";
  system = "x86_64-linux";
  builder = "/bin/sh";
  previous = link 12;
  extra = (link 3).extra;
}
