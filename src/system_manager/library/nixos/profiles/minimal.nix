/** NixOS has leaving out documentation and the like here, which the distribution sees to. Configurations may import it. */
{ }
