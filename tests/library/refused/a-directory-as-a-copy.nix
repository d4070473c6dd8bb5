{
  environment.etc."app" = { source = ./../configurations/odd; mode = "0755"; };
}
