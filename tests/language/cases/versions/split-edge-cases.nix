map builtins.splitVersion [ "" "." "1..2" "1a2b" "1-2_3" "pre" "1.2-3+4" ]
