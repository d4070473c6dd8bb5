# Sorting with a function, and with the built-in order.
let
  inherit (builtins) elemAt genList lessThan length sort;
  remainder = n: d: n - n / d * d;
  numbers = genList (n: remainder (n * 7919 + 13) 15013) 12000;
  records = map (n: { key = n; text = "entry ${toString n}"; }) numbers;
  byKey = sort (a: b: a.key < b.key) records;
  byText = sort (a: b: a.text < b.text) records;
  plain = sort lessThan numbers;
in
[
  (elemAt byKey 100).key
  (elemAt byText 100).text
  (elemAt plain (length plain - 1))
]
