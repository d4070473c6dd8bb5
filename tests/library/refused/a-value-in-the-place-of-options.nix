{
  services.nginx = true;
}
