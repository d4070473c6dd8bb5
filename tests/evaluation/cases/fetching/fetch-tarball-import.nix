import (builtins.fetchTarball "file://${toString ../files/archive.tar.gz}")
