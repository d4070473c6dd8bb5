{
  system-manager.allowAnyDistro = true;
  system-manager.preActivationChecks.space.script = "test -d /";
  system-manager.preActivationAssertions.old = { enable = true; script = "true"; };
  system-manager.preActivationChecks.off = { enable = false; script = "false"; };
}
