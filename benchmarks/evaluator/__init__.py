"""The evaluator beside real Nix and snix, over the programs in ``workloads/``."""
