map builtins.parseDrvName [ "" "a" "a-" "-1" "a-1" "a-b-1-2" "a-1a" "a-b1" "a--1" "1-2" ]
