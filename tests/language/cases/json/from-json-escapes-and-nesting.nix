builtins.fromJSON "[\"\\u0041\\n\\\"\\\\\\/\\ud83d\\ude00\", [[]], {\"a\\tb\": {}}, -0, 1E2, 0.5]"
