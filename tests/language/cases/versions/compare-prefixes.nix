map (v: builtins.compareVersions v "1.2") [ "1" "1.2" "1.2.0" "1.2pre" "1.2a" "1.10" "1.02" "" "a" ]
