{
  environment.etc."app/key" = {
    source = ./no-such-key;
    mode = "0600";
  };
}
