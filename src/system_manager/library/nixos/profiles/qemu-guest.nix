/** NixOS has drivers of virtual machines here, which the distribution sees to. Configurations may import it. */
{ }
