let
  inner = x: x.name;
  middle = x: inner x + "!";
  outer = list: map middle list;
in
outer [ { name = "a"; } { nam = "b"; } ]
