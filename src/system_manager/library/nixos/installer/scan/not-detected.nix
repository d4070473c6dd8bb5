/** NixOS has firmware of devices here, which the distribution sees to. Configurations may import it. */
{ }
