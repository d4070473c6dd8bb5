map builtins.stringLength [ "" "a" "ä" "日本" "a\nb" ]
