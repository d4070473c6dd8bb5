import (toString ../files/value.nix)
