let
  service = { ports.http.number = 80; };
  port = service.ports.htpt.number;
in port + 1
