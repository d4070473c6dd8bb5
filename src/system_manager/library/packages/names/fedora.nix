/** Where nixpkgs and Fedora (and its relatives) name things differently. Names that are the same in both are not listed. */
{
  renamed = {
    apacheHttpd = "httpd";
    cacert = "ca-certificates";
    cron = "cronie";
    delta = "git-delta";
    dig = "bind-utils";
    dnsutils = "bind-utils";
    docker = "moby-engine";
    docker-client = "docker-cli";
    fd = "fd-find";
    gitFull = "git";
    gitMinimal = "git-core";
    glibcLocales = "glibc-all-langpacks";
    gnugrep = "grep";
    gnumake = "make";
    gnupatch = "patch";
    gnupg = "gnupg2";
    gnused = "sed";
    gnutar = "tar";
    go = "golang";
    imagemagick = "ImageMagick";
    iproute2 = "iproute";
    jdk = [
      "java-latest-openjdk-devel"
      "java-21-openjdk-devel"
      "java-17-openjdk-devel"
    ];
    jre = [
      "java-latest-openjdk"
      "java-21-openjdk"
      "java-17-openjdk"
    ];
    jre_headless = [
      "java-latest-openjdk-headless"
      "java-21-openjdk-headless"
      "java-17-openjdk-headless"
    ];
    linux-pam = "pam";
    mariadb = "mariadb-server";
    netcat = "nmap-ncat";
    nettools = "net-tools";
    openjdk = [
      "java-latest-openjdk-devel"
      "java-21-openjdk-devel"
      "java-17-openjdk-devel"
    ];
    openssh = "openssh-clients";
    pkg-config = "pkgconf-pkg-config";
    postgresql = "postgresql-server";
    procps = "procps-ng";
    python = "python3";
    python3Full = "python3";
    shadow = "shadow-utils";
    systemdMinimal = "systemd";
    util-linuxMinimal = "util-linux";
    utillinux = "util-linux";
    vim = "vim-enhanced";
    vim-full = "vim-enhanced";
    zlib = [
      "zlib-ng-compat"
      "zlib"
    ];
  };

  mainPrograms = {
    ImageMagick = "magick";
    bind-utils = "dig";
    coreutils = "ls";
    cronie = "crond";
    docker-cli = "docker";
    fd-find = "fd";
    findutils = "find";
    git-delta = "delta";
    gnupg2 = "gpg";
    golang = "go";
    httpd = "apachectl";
    iproute = "ip";
    iputils = "ping";
    mariadb-server = "mariadbd";
    moby-engine = "dockerd";
    neovim = "nvim";
    net-tools = "ifconfig";
    nmap-ncat = "ncat";
    nodejs = "node";
    openssh-clients = "ssh";
    openssh-server = "sshd";
    procps-ng = "ps";
    ripgrep = "rg";
    sqlite = "sqlite3";
    systemd = "systemctl";
    the_silver_searcher = "ag";
    vim-enhanced = "vim";
    vim-minimal = "vi";
    wireguard-tools = "wg";
    xz = "xz";
  };
}
