/** NixOS has consoles of machines without a screen here, which the distribution sees to. Configurations may import it. */
{ }
