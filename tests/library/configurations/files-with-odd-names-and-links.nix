{
  environment.etc = {
    "all" = { source = ./odd; recursive = true; };
    "copied" = { source = ./odd; recursive = true; mode = "0600"; };
    # The same file by two patterns is one.
    "first" = { source = ./odd + "/*.conf"; target = "some"; };
    "second" = { source = ./odd + "/w*.conf"; target = "some"; };
  };
}
