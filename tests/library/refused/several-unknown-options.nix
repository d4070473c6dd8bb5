{
  environment.ect.motd.text = "hi";
  services.ngnix.enable = true;
}
